-- needs: growth_bridge, budget_ledger
-- C27: steps of a place and year that the bridge and the ledger state differently.
with moved as (
    select financial_year, place, cast(step as varchar) as step, cast(sum(amount_pence) as bigint) as pence
    from budget_ledger group by all
),
shown as (
    select financial_year, place, cast(step as varchar) as step, cast(sum(amount_pence) as bigint) as pence
    from growth_bridge group by all
)
-- a step on one side only moves nothing on the other: a true zero
select count(*) filter (where coalesce(moved.pence, 0) <> coalesce(shown.pence, 0)) as C27
from moved full join shown using (financial_year, place, step)
