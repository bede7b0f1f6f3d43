with wanted as (
    select place, unnest(list_value{budget_years}) as financial_year from (select distinct place from segment_summary)
)
select place || ' ' || financial_year as key
from wanted anti join (from need_weights where used) as held using (place, financial_year)
