-- People on lists by place of the practice against resident estimates of the last estimated year.
select place, sex, age_from, list.people as list_people, resident.people as residents
from (
    select place, sex, cast(least(age, 95) // 5 * 5 as smallint) as age_from, sum(people) as people
    from population_counts
    where basis = 'registered' and age is not null and sex in ('F', 'M')
    group by all
) as list
left join (
    select home.place, projection.sex, cast(least(projection.age, 95) // 5 * 5 as smallint) as age_from, cast(sum(cast(projection.persons as decimal(20, 6))) as double) as people
    from population_projection as projection
    join (select distinct lad_code, place from areas) as home on home.lad_code = projection.lad_code
    where projection.year = (
        select max(year) from population_projection where coalesce(basis, 'estimate') = 'estimate' and year <= year({snapshot})
    )
    group by all
) as resident using (place, sex, age_from)
