-- needs: segment_cost, baseline_lines
-- B04: rows with money and nobody to spend it on, but for what is held out of segments. B23: attributed cost against the baseline, in pence, the worst place
-- and line (estimates are not whole pence, so a fraction of a penny may remain).
with costs as (
    select place, service_line, sum(grossed_pence) as pence from segment_cost group by place, service_line
),
lines as (
    select place, service_line, cast(sum(normalised_pence) as bigint) as pence
    from baseline_lines group by place, service_line
)
select
    (select count(*) filter (where people = 0 and grossed_pence <> 0 and segment <> {unattributed}) from segment_cost) as B04,
    -- a line on one side only has no money on the other: a true zero
    max(abs(coalesce(costs.pence, 0) - coalesce(lines.pence, 0))) as B23
from costs full join lines using (place, service_line)
