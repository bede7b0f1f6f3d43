-- Every record with its final outcome: as judged, or as settled between several current registrations of a person.
select *
from judged
where not live or person_id not in (select person_id from contested)
union all by name
select * from settled
