-- People by practice, sex and age; unregistered estimates are spread evenly over the ages of their band.
select place, practice_code, 'registered' as basis, sex, age, cast(count(*) as double) as people
from population_base
where basis <> 'unregistered_resident'
group by all
union all
select place, null, 'unregistered', sex, age, cast(count(*) as double)
from population_base
where basis = 'unregistered_resident'
group by all
union all
select home.place, null, 'unregistered', band.sex, cast(single.age as smallint), sum(band.people / (band.age_to - band.age_from + 1) order by band.lad_code)
from unregistered_residents as band
join (select distinct lad_code, place from areas) as home on home.lad_code = band.lad_code,
    unnest(range(band.age_from, band.age_to + 1)) as single(age)
group by all
