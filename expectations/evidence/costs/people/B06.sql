-- needs: activity
-- People with a row that repeats another one of the same day, line, currency, department and provider.
select person_id
from activity
group by person_id, activity_date, service_line, currency_code, department, provider_code
having count(*) > 1
