with paid as (select distinct place from spend where financial_year = {base_year}),
lived as (select place from segment_population group by place having sum(people) > 0)
select place as key
from paid full join lived using (place)
where paid.place is null or lived.place is null
