select place || ' ' || condition as key
from condition_prevalence
where published_people >= {s06_people} and recorded_people / published_people not between {s06_low} and {s06_high}
