-- needs: population_base, practices
-- People counted at a practice that has no row in practices.
select person_id
from population_base
where practice_code is not null and practice_code not in (select practice_code from practices)
