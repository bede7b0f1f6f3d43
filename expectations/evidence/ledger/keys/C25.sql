select cast(step as varchar) || ' ' || financial_year as key
from budget_ledger
where cast(step as varchar) not in {c25_observed_steps} and (assumptions is null or len(assumptions) = 0)
