select practice_code as key
from published_weights
where stream = 'core' and financial_year in {budget_years}
    and practice_code in (select practice_code from practices where icb_code = {icb})
    and weighted_population / nullif(population, 0) not between {w02_low} and {w02_high}
