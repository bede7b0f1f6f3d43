-- needs: budget_ledger
-- C24: movements that repeat another one's identifier. C25: movements that name no assumption; what is observed, not
-- assumed, need not.
select
    count(*) - count(distinct movement_id) as C24,
    count(*) filter (
        where cast(step as varchar) not in {c25_observed_steps} and (assumptions is null or len(assumptions) = 0)
    ) as C25
from budget_ledger
