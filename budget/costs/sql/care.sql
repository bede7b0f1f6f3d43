-- Every activity of the lines in scope at its cost: as given, else units at the unit price of its currency and department,
-- brought to the base year, half up. What stands under a replaced identifier belongs to the one that survives it.
select
    coalesce(merged.replaced_by, activity.person_id) as person_id,
    activity.service_line,
    activity.activity_date,
    activity.ended_on,
    activity.provider_code,
    activity.units,
    case when activity.cost_pence is null then price.price_year end as price_year,
    coalesce(
        activity.cost_pence,
        cast(floor(activity.units * price.unit_price_pence * price.factor + 0.5) as bigint)
    ) as stay_pence
from activity
left join person_merges as merged on merged.person_id = activity.person_id
left join (
    select found.service_line, found.currency_code, found.department, found.price_year, found.unit_price_pence, factors.factor
    from price_found as found
    join price_factors as factors
        on factors.service_line = found.service_line and factors.price_year = found.price_year
) as price
    on price.service_line = activity.service_line
    and price.currency_code = activity.currency_code
    and coalesce(price.department, '') = coalesce(activity.department, '')
where activity.service_line in {lines}
