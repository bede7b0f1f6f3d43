-- uses: need_moved, causes_of_need
select moved.place || ' ' || moved.financial_year || ' ' || printf('%+.1f%%', 100 * moved.change) || coalesce(': ' || why.causes, '') as key
from need_moved as moved
left join causes_of_need as why on why.place = moved.place
where abs(moved.change) > {w35n_max}
