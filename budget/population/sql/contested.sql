-- RC9: people with several records that are current or have days in the base year or the year of care, here or
-- elsewhere. People are told apart by a hash here: two who share one are looked at as well, one by one, and nothing
-- changes for them.
select person_key
from facts
where competes
group by person_key
having count(*) > 1
