-- needs: spend, segment_population
-- I05: gross spend of the base year for each person of the segments, in pence a head.
with gross as (
    select cast(sum(amount_pence) as bigint) as pence from spend
    where adjustment is null and financial_year = {base_year}
),
heads as (select sum(people) as people from segment_population)
select pence / nullif(people, 0) as I05_segments
from gross, heads
