with counted as (
    select practice_code, count(*) as people from population_base where practice_code is not null group by practice_code
)
select practice_code as key
from counted full join population_reconciliation using (practice_code)
where coalesce(people, 0) <> coalesce(closing, 0)
