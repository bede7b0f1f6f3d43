-- needs: population_base, population
-- S01: people counted who have no segment, or more than one row. S21: people before less people after.
-- People are compared by a 64-bit hash: half the time, and the chance to miss one of millions is below 1 in 10^12.
with sides as (
    select
        (select count(*) from population_base) as S21_entered,
        (select count(*) from population) as S21_left
)
select
    (
        select count(*) from population_base
        where hash(person_id) not in (select hash(person_id) from population where segment <> '')
    )
        + (select count(*) - count(distinct person_id) from population) as S01,
    *,
    abs(S21_entered - S21_left) as S21
from sides
