-- Estimates of residents on no list, placed by age where they have no segment of their own; they have no record,
-- so every feature is zero. Person rows of unregistered residents take the place of estimates.
select
    place,
    case when {separate} then {unregistered} else {segment} end as segment,
    sex,
    cast(least(age, 95) // 5 * 5 as smallint) as age_from,
    people
from (
    select counts.*, {no_features}
    from population_counts as counts
    where basis = 'unregistered' and not exists (select 1 from population where basis = 'unregistered_resident')
) as estimate
order by all
