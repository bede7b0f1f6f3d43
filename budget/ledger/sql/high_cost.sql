-- People above the stop-loss threshold and what they cost above it, by place: all their care, and what of it no other
-- carve-out pays for.
select
    place,
    count(*) as people_all_care,
    cast(sum(cost_pence - threshold_pence) as bigint) as excess_all_care_pence,
    count(case when excess_pence > 0 then 1 end) as people_over,
    cast(sum(excess_pence) as bigint) as excess_pence
from {people}
group by place
