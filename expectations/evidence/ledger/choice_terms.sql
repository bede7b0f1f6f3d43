-- needs: choice_terms
-- C10: years in which a prime provider holds choice money and has declared no interest.
select count(*) as C10
from choice_terms
where method = 'prime_provider' and planned_pence > 0 and (holder is null or conflict_of_interest is null)
