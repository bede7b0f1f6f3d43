-- Each person's events in the look-back windows of the scheme.
select person_id, {counts}
from activity
where {window}
group by person_id
