with practices as (
    select
        practice_code,
        count(*) as people,
        count(*) filter (where segment in (select segment from segments where broad_group = 'complex_needs')) / count(*) as share
    from population where practice_code is not null
    group by practice_code
)
select practice_code as key
from practices
where people >= {s04_people} and share not between {s04_low} and {s04_high}
