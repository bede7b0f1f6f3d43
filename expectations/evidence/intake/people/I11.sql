-- needs: registered_list, activity
-- People with care who are on no list.
select person_id
from activity
where person_id not in (select person_id from registered_list where person_id is not null)
