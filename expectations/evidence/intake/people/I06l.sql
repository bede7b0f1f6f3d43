-- needs: registered_list, areas
-- People whose area is of another census than the locality's areas: new codes beside old areas, else old codes.
select person_id
from registered_list
where case
    when exists (from areas where lsoa_code between 'E01033769' and 'E01999999') then lsoa_code like 'E01%'
    else lsoa_code between 'E01033769' and 'E01999999'
end
