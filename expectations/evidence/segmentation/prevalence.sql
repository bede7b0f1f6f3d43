-- needs: condition_prevalence
-- S06: conditions of a place whose people on record are far from the published prevalence; rare ones are left out.
select count(*) as S06
from condition_prevalence
where published_people >= {s06_people} and recorded_people / published_people not between {s06_low} and {s06_high}
