-- Step 11: of people above the stop-loss threshold, what they cost, what of it no other carve-out pays for, and by how much
-- that is above the threshold. Care of a place, line and provider is carved out for everyone or for nobody.
select
    {financial_year} as financial_year,
    person_id,
    place,
    cast({threshold} as bigint) as threshold_pence,
    cost_pence,
    counted_pence,
    greatest(counted_pence - {threshold}, 0) as excess_pence
from (
    select
        care.person_id,
        care.place,
        cast(sum(care.cost_pence) as bigint) as cost_pence,
        cast(sum(case when carved.type is null then care.cost_pence else 0 end) as bigint) as counted_pence
    from high_cost_care as care
    left join carved_care as carved
        on carved.place = care.place
        and carved.service_line = care.service_line
        and carved.provider_code = care.provider_code
    group by care.person_id, care.place
) as people
where cost_pence > {threshold}
