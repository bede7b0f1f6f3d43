-- Each person's conditions, counted by the lists of the scheme.
select person_id, {counts}
from {on_record}
group by person_id
