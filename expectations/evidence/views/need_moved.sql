-- reads: need_weights, previous_need_weights
-- Need index that sets the targets of a place against the earlier run's, in years that both runs have.
select now.place, now.financial_year, now.need_index / nullif(before.need_index, 0) - 1 as change
from need_weights as now
join previous_need_weights as before using (financial_year, place)
where now.used and before.used
