with budgets as (
    select financial_year, place, segment, cast(sum(incentive_pence + core_pence) as bigint) as pence
    from integrated_budget group by financial_year, place, segment
)
select place || ' ' || segment || ' ' || financial_year as key
from budgets full join segment_rates using (financial_year, place, segment)
where coalesce(pence, 0) <> coalesce(wpap_pence, 0)
