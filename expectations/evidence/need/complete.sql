-- needs: need_weights, segment_summary
-- W22: places and budget years that have no weight in use.
with wanted as (
    select place, unnest(list_value{budget_years}) as financial_year from (select distinct place from segment_summary)
)
select count(*) as W22
from wanted anti join (from need_weights where used) as held using (place, financial_year)
