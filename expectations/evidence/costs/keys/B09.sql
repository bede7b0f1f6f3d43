select place || ' ' || service_line as key
from spend
where adjustment is null and financial_year = {base_year} and amount_pence <> 0
group by place, service_line, amount_pence
having count(distinct commissioner) > 1
