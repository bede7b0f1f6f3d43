select place || ' ' || financial_year as key
from pace_of_change
where abs(growth - (allocation_pence / nullif(opening_pence, 0) - 1)) > {c29_share}
    or abs(closing_dft - (allocation_pence / nullif(target_pence, 0) - 1)) > {c29_share}
