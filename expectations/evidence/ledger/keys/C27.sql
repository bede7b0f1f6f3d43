with moved as (
    select financial_year, place, cast(step as varchar) as step, cast(sum(amount_pence) as bigint) as pence
    from budget_ledger group by all
),
shown as (
    select financial_year, place, cast(step as varchar) as step, cast(sum(amount_pence) as bigint) as pence
    from growth_bridge group by all
)
select place || ' ' || step || ' ' || financial_year as key
from moved full join shown using (financial_year, place, step)
where coalesce(moved.pence, 0) <> coalesce(shown.pence, 0)
