-- The records of people with several registrations, and those under identifiers that were replaced, whoever's they are.
select *
from registered_list
where hash(person_id) in (select person_key from contested) or person_id in (select person_id from person_merges)
