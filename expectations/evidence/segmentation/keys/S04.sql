select practice_code as key
from population where practice_code is not null
group by practice_code
having count(*) >= {s04_people}
    and count(*) filter (where segment in {s04_segments}) / count(*) not between {s04_low} and {s04_high}
