-- uses: heads_moved, causes_of_money
select moved.place || ' ' || printf('%+.1f%%', 100 * moved.change) || coalesce(': ' || why.causes, '') as key
from heads_moved as moved
left join causes_of_money as why on why.place = moved.place and why.service_line is null
where abs(moved.change) > {b15n_max}
