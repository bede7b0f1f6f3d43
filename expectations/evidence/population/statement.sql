-- needs: population_reconciliation
-- P14: practices whose statement does not tie, opening to closing. P07w: share of current registrations that
-- lose to another one of the same person.
select
    count(*) filter (
        where opening + joins + births - deaths - leavers - excluded - duplicates - quarantined <> closing
    ) as P14,
    cast(sum(duplicates) as bigint) / nullif(cast(sum(closing + duplicates) as bigint), 0) as P07w
from population_reconciliation
