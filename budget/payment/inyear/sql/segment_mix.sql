-- The mix of segments of every place by sex and year of age, as the run counted people on a list.
select place, sex, cast(least(age, {oldest}) as smallint) as age, segment, count(*) as people
from population
where basis <> 'unregistered_resident'
group by all
order by all
