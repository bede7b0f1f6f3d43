-- People on lists by place of the practice against resident estimates of the last estimated year.
select list.place, list.sex, list.age_from, list.people as list_people, resident.residents
from (
    select place, sex, cast(least(age, 95) // 5 * 5 as smallint) as age_from, sum(people) as people
    from population_counts
    where basis = 'registered' and age is not null and sex in ('F', 'M')
    group by all
) as list
left join (
    select place, sex, age_from, cast(sum(cast(residents as decimal(20, 6))) as double) as residents
    from resident_estimates
    group by all
) as resident on resident.place = list.place and resident.sex = list.sex and resident.age_from = list.age_from
