-- needs: contributions, integrated_budget, budget_ledger
-- O42: places and years whose contributions are not the allocation, or not the baseline.
with paid as (
    select
        financial_year,
        place,
        cast(sum(allocation_pence) as bigint) as allocation_pence,
        cast(sum(baseline_pence) as bigint) as baseline_pence
    from contributions group by financial_year, place
),
budget as (
    select financial_year, place, cast(sum(allocation_pence) as bigint) as allocation_pence
    from integrated_budget group by financial_year, place
),
opened as (
    select place, cast(sum(amount_pence) as bigint) as baseline_pence
    from budget_ledger
    where cast(step as varchar) in ('baseline', 'normalisation')
    and financial_year = (select min(financial_year) from budget_ledger)
    group by place
)
select
    count(*) filter (
        where paid.allocation_pence is distinct from budget.allocation_pence
        or paid.baseline_pence is distinct from opened.baseline_pence
    ) as O42
from budget left join paid using (financial_year, place) left join opened using (place)
