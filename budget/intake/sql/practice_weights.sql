-- Published weights of the locality's own practices; the rest of England is in the file alone.
select practice_code, financial_year, stream, population, weighted_population
from published_weights
where practice_code in (select practice_code from practices)
