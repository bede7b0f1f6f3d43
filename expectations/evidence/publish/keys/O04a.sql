select name as key
from (select split_part(unnest(assumptions), '@', 1) as name from budget_ledger)
where name not in (select name from assumption_ledger) and name not in {o04a_observed}
