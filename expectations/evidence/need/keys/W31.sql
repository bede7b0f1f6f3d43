with places as (select count(distinct place) as places from need_weights)
select service_line || ' ' || financial_year as key
from need_by_line cross join places
group by service_line, financial_year, places
having count(*) <> places or count(distinct place) <> places or min(share_of_spend) <> max(share_of_spend)
