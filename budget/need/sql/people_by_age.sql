-- How many people of each sex, year of age and deprivation fifth are counted at every place and practice.
select
    place,
    practice_code,
    sex,
    age,
    cast((imd_decile + 1) // 2 as tinyint) as imd_fifth,
    count(*) as people
from population
group by all
order by all
