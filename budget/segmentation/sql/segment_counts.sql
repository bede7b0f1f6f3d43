-- People on the person table by place, segment, sex and five-year band.
select place, segment, sex, cast(least(age, 95) // 5 * 5 as smallint) as age_from, cast(count(*) as double) as people
from population
group by all
order by all
