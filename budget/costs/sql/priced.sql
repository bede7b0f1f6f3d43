-- Care of the year at its cost; of a stay across a change of commissioner, our days. Where a case says that another
-- commissioner pays, or half of it, cost_pence is our share of all of it, half up.
select
    care.person_id,
    care.service_line,
    care.activity_date,
    care.provider_code,
    care.price_year,
    case when cased.our_percent is null then care.our_units else care.units end as units,
    care.whole_pence,
    case
        when cased.our_percent is null then care.our_pence
        else (care.whole_pence * cased.our_percent + 50) // 100
    end as cost_pence
from care_in_year as care
left join case_days as cased
    on cased.person_id = care.person_id
    and cased.service_line = care.service_line
    and cased.activity_date = care.activity_date
where care.days_counted > 0
