select place || ' ' || financial_year as key
from need_weights
group by financial_year, place
having count(distinct method) filter (where used) <> 1
