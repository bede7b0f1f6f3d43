select place || ' ' || financial_year as key
from pace_of_change
where abs(closing_dft) > abs(opening_dft) + {c03_share} and binding_rule not in {c03_floors}
