-- needs: spend, practices
-- I07: places of the base year's spend that no practice belongs to; their money would have no people.
select count(distinct place) as I07
from spend
where financial_year = {base_year} and place not in (select place from practices)
