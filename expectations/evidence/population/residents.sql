-- needs: list_against_residents, population_projection
-- P06, P06w: bands of place, sex and age whose list is too small or too large for the residents.
-- Bands of few residents are left out; chance moves them too far.
with bands as (
    select residents, list_people / nullif(residents, 0) as ratio from list_against_residents
)
select
    count(*) filter (where residents >= {p06_residents} and ratio not between {p06_low} and {p06_high}) as P06,
    count(*) filter (where residents >= {p06w_residents} and ratio not between {p06w_low} and {p06w_high}) as P06w
from bands
