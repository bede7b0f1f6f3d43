-- needs: population_base, practices
-- P05: practices of people counted that have no row in practices.
select count(distinct practice_code) as P05
from population_base
where practice_code is not null and practice_code not in (select practice_code from practices)
