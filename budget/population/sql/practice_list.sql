-- The practices whose lists are counted, each under its own number.
select practice_no, practice_code, place, icb_code
from practice_homes
where practice_code = counted_code
