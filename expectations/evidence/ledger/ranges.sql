-- needs: budget_range, pace_of_change
-- C46: budgets whose percentiles are out of order, or which stand beside something else than the allocation.
-- C47: budgets outside their own P10 to P90, but for the pence that the ledger rounds to.
-- C48: greatest share of a year's draws that could not be done as drawn.
select
    count(*) filter (
        where p10_pence > p50_pence or p50_pence > p90_pence or draws < 1 or impossible_draws > draws
        or (measure = 'allocation' and scale = 'place' and booked_pence is distinct from allocation_pence)
    ) as C46,
    count(*) filter (where booked_pence not between p10_pence - 100 and p90_pence + 100) as C47,
    max(impossible_draws / draws) as C48
from budget_range as ranges
left join pace_of_change as pace on pace.financial_year = ranges.financial_year and pace.place = ranges.unit
