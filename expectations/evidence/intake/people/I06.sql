-- needs: registered_list, areas
-- People whose area is neither one of the locality's nor written as an LSOA.
select person_id
from registered_list
where lsoa_code is not null and lsoa_code not in (select lsoa_code from areas)
    and not (regexp_full_match(lsoa_code, '[EWS]01[0-9]+') and length(lsoa_code) = 9)
    and not regexp_full_match(lsoa_code, 'N(20|21)[0-9]+|95[A-Z0-9]+')
