-- Estimates of residents on no list, placed by age where they have no segment of their own; they have no record,
-- so every feature is zero. Person rows of unregistered residents take the place of estimates. An estimate that states
-- no range is its own low and high.
select
    place,
    cast(null as varchar) as practice_code,
    case when {separate} then {unregistered} else {segment} end as segment,
    sex,
    cast(case when age >= 95 then 95 else age - age % 5 end as smallint) as age_from,
    false as listed,
    people,
    coalesce(low, people) as low,
    coalesce(high, people) as high
from (
    select place, sex, age, people, low, high, {no_features}
    from population_counts
    where basis = 'unregistered' and not exists (select 1 from population where basis = 'unregistered_resident')
) as estimate
