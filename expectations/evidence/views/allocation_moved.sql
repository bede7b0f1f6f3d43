-- reads: pace_of_change, previous_pace_of_change
-- Allocation of a place against the earlier run's, in years that both runs have.
select now.place, now.financial_year, now.allocation_pence / nullif(before.allocation_pence, 0) - 1 as change
from pace_of_change as now
join previous_pace_of_change as before using (financial_year, place)
where now.set_here and before.set_here
