-- needs: money_flow, integrated_budget
-- O71: commissioners whose money does not go where their first year's allocation says.
with flows as (
    select commissioner, cast(sum(amount_pence) as bigint) as pence from money_flow group by commissioner
),
paid as (
    select commissioner, cast(sum(allocation_pence) as bigint) as pence
    from integrated_budget
    where financial_year = (select min(financial_year) from integrated_budget)
    group by commissioner
)
select count(*) filter (where coalesce(flows.pence, 0) <> coalesce(paid.pence, 0)) as O71
from flows full join paid using (commissioner)
