-- each: record of care
-- needs: registered_list
-- People with a national data opt-out whose records of care were not left out.
select person_id
from {table}
where person_id in (select person_id from registered_list where national_opt_out and person_id is not null)
