select service_line as key
from activity
group by service_line
having count(*) filter (where currency_code is null) > {b11_max} * count(*)
