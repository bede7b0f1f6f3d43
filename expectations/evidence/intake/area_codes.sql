-- needs: registered_list, areas
-- I06l: rows of the list whose area exists in another census's list of small areas than that of the locality's areas.
-- English codes above E01033768 were new in 2021: areas that have none of them are those of 2011, and a list that has
-- some is not; areas that have some are those of 2021, and a list that uses none of them is not.
with listed as (
    select lsoa_code, count(*) as people from registered_list where lsoa_code is not null group by lsoa_code
),
census as (
    select
        (select count(*) from areas where lsoa_code between 'E01033769' and 'E01999999') as new_areas,
        (
            select coalesce(cast(sum(people) as bigint), 0) from listed
            where lsoa_code between 'E01033769' and 'E01999999'
        ) as new_people,
        (select coalesce(cast(sum(people) as bigint), 0) from listed where lsoa_code like 'E01%') as people
)
select
    case when new_areas = 0 then new_people when new_people = 0 then people else 0 end as I06l
from census
