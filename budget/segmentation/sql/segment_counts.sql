-- People on the person table by practice, segment, sex and five-year band (95 is 95 and over). People who were counted
-- one by one have no range: their number is its own low and high.
select
    place,
    practice_code,
    segment,
    sex,
    cast(case when age >= 95 then 95 else age - age % 5 end as smallint) as age_from,
    basis <> 'unregistered_resident' as listed,
    cast(count(*) as double) as people,
    cast(count(*) as double) as low,
    cast(count(*) as double) as high
from population
group by
    place,
    practice_code,
    segment,
    sex,
    cast(case when age >= 95 then 95 else age - age % 5 end as smallint),
    basis <> 'unregistered_resident'
