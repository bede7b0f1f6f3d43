select practice_code as key
from population_base
where practice_code is not null and practice_code not in (select practice_code from practices)
