select provider_code as key
from activity
group by provider_code
having count(*) >= {b10_rows}
    and count(distinct month(activity_date)) filter (
        where activity_date between {care_begins} and {care_ends}
    ) < {b10_months}
