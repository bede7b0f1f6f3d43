-- reads: baseline_lines, previous_baseline_lines
-- Normalised spend of each place, and of each line, against the earlier run's. One that only one of the runs has has no
-- spend in the other, a true zero, and moved by all of it.
with now as (
    select place, service_line, sum(normalised_pence) as pence
    from baseline_lines group by grouping sets (place, service_line)
),
before as (
    select place, service_line, sum(normalised_pence) as pence
    from previous_baseline_lines group by grouping sets (place, service_line)
)
select
    coalesce(now.place, before.place) as place,
    coalesce(now.service_line, before.service_line) as service_line,
    case when coalesce(before.pence, 0) = 0 then 1 else coalesce(now.pence, 0) / before.pence - 1 end as change
from now
full join before
    on now.place is not distinct from before.place and now.service_line is not distinct from before.service_line
where coalesce(before.pence, 0) <> coalesce(now.pence, 0)
