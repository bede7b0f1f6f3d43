-- needs: integrated_budget, budget_ledger
-- O21: places and years where a part of the budget is not the sum of its movements.
with budgets as (
    select
        financial_year,
        place,
        cast(sum(allocation_pence) as bigint) as allocation,
        cast(sum(carve_out_pence) as bigint) as carve_out,
        cast(sum(risk_pool_pence) as bigint) as risk_pool,
        cast(sum(incentive_pence) as bigint) as incentive,
        cast(sum(core_pence) as bigint) as core
    from integrated_budget group by financial_year, place
),
movements as (
    select financial_year, place, cast(step as varchar) as step, amount_pence from budget_ledger
),
moved as (
    -- a place without carve-outs, pool or incentive has no such movement: true zeros
    select
        financial_year,
        place,
        cast(sum(amount_pence) filter (
            where step not in ('choice_carve_out', 'other_carve_outs', 'risk_pool', 'incentive')
        ) as bigint) as allocation,
        -coalesce(
            cast(sum(amount_pence) filter (where step in ('choice_carve_out', 'other_carve_outs')) as bigint), 0
        ) as carve_out,
        -coalesce(cast(sum(amount_pence) filter (where step = 'risk_pool') as bigint), 0) as risk_pool,
        -coalesce(cast(sum(amount_pence) filter (where step = 'incentive') as bigint), 0) as incentive,
        cast(sum(amount_pence) as bigint) as core
    from movements group by financial_year, place
)
select count(*) filter (
    where (budgets.allocation, budgets.carve_out, budgets.risk_pool, budgets.incentive, budgets.core)
    is distinct from (moved.allocation, moved.carve_out, moved.risk_pool, moved.incentive, moved.core)
) as O21
from budgets full join moved using (financial_year, place)
