-- RC9: people with several current registrations, here or elsewhere.
select person_id
from judged
where live
group by person_id
having count(*) > 1
