-- each: record of care
-- needs: registered_list
-- I10: records of care of people whose own record on the list has a national data opt-out.
select count(*) as I10
from {table}
where person_id in (select person_id from registered_list where national_opt_out and person_id is not null)
