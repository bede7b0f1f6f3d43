-- needs: population, segments
-- S04: practices whose share of people with complex needs is out of range; small lists are left out.
with practices as (
    select
        practice_code,
        count(*) as people,
        count(*) filter (where segment in (select segment from segments where broad_group = 'complex_needs')) / count(*) as share
    from population where practice_code is not null
    group by practice_code
)
select count(*) filter (where people >= {s04_people} and share not between {s04_low} and {s04_high}) as S04
from practices
