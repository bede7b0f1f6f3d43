-- needs: population_base, registered_list
-- People counted who had died by the snapshot.
select person_id
from population_base
where person_id in (select person_id from registered_list where died_on <= {snapshot})
