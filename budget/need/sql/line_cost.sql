-- What persons cost on each service line in the base year.
select service_line, cast(sum(cost_pence) as bigint) as cost_pence
from person_line_cost
group by service_line
order by service_line
