with costs as (
    select place, service_line, sum(grossed_pence) as pence from segment_cost group by place, service_line
),
lines as (
    select place, service_line, cast(sum(normalised_pence) as bigint) as pence
    from baseline_lines group by place, service_line
)
select place || ' ' || service_line as key
from costs full join lines using (place, service_line)
where abs(coalesce(costs.pence, 0) - coalesce(lines.pence, 0)) > {b23_max}
