-- needs: segment_rates, integrated_budget
-- O22: places, segments and years whose payment is not that of the budget.
with budgets as (
    select financial_year, place, segment, cast(sum(incentive_pence + core_pence) as bigint) as pence
    from integrated_budget group by financial_year, place, segment
)
-- a segment on one side only is paid nothing on the other: a true zero
select count(*) filter (where coalesce(pence, 0) <> coalesce(wpap_pence, 0)) as O22
from budgets full join segment_rates using (financial_year, place, segment)
