-- needs: registered_list, activity
-- I11: share of activity whose person is on the list, now or ever. People are compared by a 64-bit hash.
select
    count(*) filter (where hash(person_id) in (select hash(person_id) from registered_list where person_id is not null))
        / nullif(count(*), 0) as I11
from activity
