-- needs: population_base, registered_list
-- P08: people counted who had died by the snapshot.
select count(*) as P08
from population_base
where person_id in (select person_id from registered_list where died_on <= {snapshot})
