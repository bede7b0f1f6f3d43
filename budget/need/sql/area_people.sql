-- How many days people of each place were there in every small area.
select place, lsoa_code as area, cast(sum(care_days) as bigint) as days
from need_people
where lsoa_code is not null and care_days > 0
group by all
order by all
