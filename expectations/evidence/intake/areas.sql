-- needs: registered_list, areas
-- I06: rows of the list whose area is neither one of the locality's nor written as an LSOA of England, Wales,
-- Scotland or Northern Ireland. I06b: share of rows with an area that lie in the locality (another vintage of
-- areas, or another locality's file, has nearly none).
with coded as (
    select lsoa_code, count(*) as people from registered_list where lsoa_code is not null group by lsoa_code
),
judged as (
    select
        people,
        lsoa_code in (select lsoa_code from areas) as known,
        regexp_full_match(lsoa_code, '[EWS]01[0-9]+') and length(lsoa_code) = 9
            or regexp_full_match(lsoa_code, 'N(20|21)[0-9]+|95[A-Z0-9]+') as well_formed
    from coded
)
select
    count(*) filter (where not known and not well_formed) as I06,
    -- nobody in the locality is a true zero
    coalesce(cast(sum(people) filter (where known) as bigint), 0) / nullif(cast(sum(people) as bigint), 0) as I06b
from judged
