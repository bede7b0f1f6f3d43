-- Every activity of the base year's lines in scope at its cost: as given, else units at the year's unit price.
-- What stands under a replaced identifier belongs to the one that survives it. Where a case says that another
-- commissioner pays, or half of it, cost_pence is our share, half up.
select
    care.person_id,
    care.service_line,
    care.activity_date,
    care.provider_code,
    care.units,
    care.whole_pence,
    case
        when cased.our_percent is null then care.whole_pence
        else (care.whole_pence * cased.our_percent + 50) // 100
    end as cost_pence
from (
    select
        coalesce(merged.replaced_by, activity.person_id) as person_id,
        activity.service_line,
        activity.activity_date,
        activity.provider_code,
        activity.units,
        coalesce(activity.cost_pence, cast(floor(activity.units * price.unit_price_pence + 0.5) as bigint)) as whole_pence
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
) as care
left join case_days as cased
    on cased.person_id = care.person_id
    and cased.service_line = care.service_line
    and cased.activity_date = care.activity_date
