select place || ' ' || financial_year as key
from need_weights
where used and not (weighted_people > 0 and population > 0 and isfinite(weighted_people))
