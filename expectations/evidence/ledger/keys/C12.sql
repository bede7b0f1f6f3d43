-- uses: allocation_moved, causes_of_budgets
select moved.place || ' ' || moved.financial_year || ' ' || printf('%+.1f%%', 100 * moved.change) || coalesce(': ' || why.causes, '') as key
from allocation_moved as moved
left join causes_of_budgets as why on why.place = moved.place
where abs(moved.change) > {c12_max}
