-- uses: spend_moved, causes_of_money
select moved.place || ' ' || printf('%+.1f%%', 100 * moved.change) || coalesce(': ' || why.causes, '') as key
from spend_moved as moved
left join causes_of_money as why on why.place is not distinct from moved.place and why.service_line is not distinct from moved.service_line
where abs(moved.change) > {b13_max} and moved.place is not null
