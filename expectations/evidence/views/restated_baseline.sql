-- reads: spend, previous_baseline_lines, previous_segment_people
-- Lines of a place whose gross spend of the earlier run's base year is not what it was then, where spend has that year.
with year as (select min(financial_year) as base from previous_segment_people),
now as (
    select place, service_line, cast(sum(amount_pence) as bigint) as pence
    from spend
    where adjustment is null and financial_year = (select base from year)
    group by place, service_line
),
before as (
    select place, service_line, cast(sum(gross_pence) as bigint) as pence
    from previous_baseline_lines
    group by place, service_line
)
-- a line on one side only has no spend on the other: a true zero
select place, service_line, coalesce(before.pence, 0) as before_pence, coalesce(now.pence, 0) as now_pence
from before full join now using (place, service_line)
where coalesce(before.pence, 0) <> coalesce(now.pence, 0) and exists (from now)
