-- Direct cost of each segment by place and line.
select place, service_line, segment, cast(sum(completed_pence) as bigint) as direct_pence
from completed
group by all
order by all
