select place as key
from spend
where financial_year = {base_year} and place not in (select place from practices)
