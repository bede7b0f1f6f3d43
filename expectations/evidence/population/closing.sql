-- needs: population_base, population_reconciliation
-- P21: practices whose closing count is not the number of people counted there. A practice that appears on one side
-- only has nobody on the other: a true zero.
with counted as (
    select practice_code, count(*) as people from population_base where practice_code is not null group by practice_code
)
select count(*) filter (where coalesce(people, 0) <> coalesce(closing, 0)) as P21
from counted full join population_reconciliation using (practice_code)
