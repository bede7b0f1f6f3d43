-- needs: carve_outs, budget_ledger
-- C04: carve-outs below nothing, or not smaller than what they are taken from; lines that stay with NHS England leave whole.
-- C22: places and years whose carve-outs are not the movements that take them out.
with planned as (
    select financial_year, place, cast(sum(planned_pence) as bigint) as pence
    from carve_outs group by financial_year, place
),
moved as (
    select financial_year, place, -cast(sum(amount_pence) as bigint) as pence
    from budget_ledger where cast(step as varchar) in ('choice_carve_out', 'other_carve_outs')
    group by financial_year, place
)
select
    (
        select count(*) from carve_outs
        where planned_pence < 0 or planned_pence > base_pence
            or (planned_pence = base_pence and planned_pence > 0 and type <> 'specialised_lines')
    ) as C04,
    -- a place on one side only has no carve-out on the other: a true zero
    count(*) filter (where coalesce(planned.pence, 0) <> coalesce(moved.pence, 0)) as C22
from planned full join moved using (financial_year, place)
