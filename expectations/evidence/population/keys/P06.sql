select place || ' ' || sex || ' ' || age_from || '+' as key
from list_against_residents
where residents >= {p06_residents} and list_people / nullif(residents, 0) not between {p06_low} and {p06_high}
