-- Every activity of the base year's lines in scope at its cost: as given, else units at the year's unit price.
-- What stands under a replaced identifier belongs to the one that survives it.
select
    coalesce(merged.replaced_by, activity.person_id) as person_id,
    activity.service_line,
    activity.provider_code,
    activity.units,
    coalesce(activity.cost_pence, cast(floor(activity.units * price.unit_price_pence + 0.5) as bigint)) as cost_pence
from activity
left join person_merges as merged on merged.person_id = activity.person_id
left join (
    select currency_code, min(unit_price_pence) as unit_price_pence
    from prices
    where financial_year = {base_year}
    group by currency_code
    having count(*) = 1
) as price on price.currency_code = activity.currency_code
where activity.service_line in {lines}
