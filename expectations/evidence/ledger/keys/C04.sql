select place || ' ' || type || ' ' || financial_year as key
from carve_outs
where planned_pence < 0 or planned_pence > base_pence
    or (planned_pence = base_pence and planned_pence > 0 and type <> 'specialised_lines')
