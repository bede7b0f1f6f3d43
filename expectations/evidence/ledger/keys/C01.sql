select financial_year as key
from pace_of_change
group by financial_year
having cast(sum(allocation_pence) as bigint) <> cast(sum(target_pence) as bigint)
