-- needs: population_reconciliation
-- P12, P12w: practices whose list changed within a month by the share of each band or more, and by at least as many
-- people as the thresholds name. A merger that is logged is no change: both lists stand under the successor.
with lists as (
    select closing + excluded + duplicates + quarantined as now, month_before as before from population_reconciliation
)
select
    count(*) filter (where abs(now - before) >= {p12_people} and (before = 0 or abs(now - before) / nullif(before, 0) >= {p12_share})) as P12,
    count(*) filter (where abs(now - before) >= {p12w_people} and (before = 0 or abs(now - before) / nullif(before, 0) >= {p12w_share})) as P12w
from lists
