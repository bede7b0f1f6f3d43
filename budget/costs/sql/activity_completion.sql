-- What completing recent months adds, by line and months since the care; a month without a factor is as recorded.
select
    service_line,
    months_since,
    cast({runout_months} as smallint) as runout_months,
    coalesce(factor, 1.0) as factor,
    cast(sum(rows_recorded) as bigint) as rows_recorded,
    cast(sum(recorded_pence) as bigint) as recorded_pence,
    cast(sum(completed_pence) as bigint) as completed_pence,
    cast(sum(completed_pence - recorded_pence) as bigint) as added_pence
from completed
where months_since is not null
group by service_line, months_since, factor
