select distinct financial_year as key
from spend
