-- needs: registered_list
-- I09: share of people on the list who have a national data opt-out. A list that says nothing of it is not asked.
select
    case
        when count(national_opt_out) > 0
            then count(distinct person_id) filter (where national_opt_out) / nullif(count(distinct person_id), 0)
    end as I09
from registered_list
