select financial_year as key
from choice_terms
where method = 'prime_provider' and planned_pence > 0 and (holder is null or conflict_of_interest is null)
