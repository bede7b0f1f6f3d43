-- needs: spend, segment_population
-- I13: places that have spend of the base year without people by segment, or people without spend.
with paid as (select distinct place from spend where financial_year = {base_year}),
lived as (select place from segment_population group by place having sum(people) > 0)
select count(*) as I13
from paid full join lived using (place)
where paid.place is null or lived.place is null
