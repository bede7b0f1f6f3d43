with planned as (
    select financial_year, place, cast(sum(planned_pence) as bigint) as pence
    from carve_outs group by financial_year, place
),
moved as (
    select financial_year, place, -cast(sum(amount_pence) as bigint) as pence
    from budget_ledger where cast(step as varchar) in ('choice_carve_out', 'other_carve_outs')
    group by financial_year, place
)
select place || ' ' || financial_year as key
from planned full join moved using (financial_year, place)
where coalesce(planned.pence, 0) <> coalesce(moved.pence, 0)
