-- Each person's conditions on record at the snapshot, counted by the lists of the scheme.
select person_id, {counts}
from conditions
where recorded_on <= {snapshot}
group by person_id
