-- The locality's small areas, numbered: numbers take less room than codes where every record of a list is looked at.
select lsoa_code, lad_code, place, imd_decile, cast(row_number() over (order by lsoa_code) as integer) as area_no
from areas
