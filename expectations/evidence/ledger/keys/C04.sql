select place || ' ' || type || ' ' || financial_year as key
from carve_outs
where planned_pence < 0 or (planned_pence > 0 and planned_pence >= base_pence)
