-- needs: segment_summary
-- S07: rows with a share below 0 or above 1, or with fewer than no people. S23: how far the shares of a place are from
-- adding up to one, the worst place.
with places as (select place, sum(share) as shares from segment_summary group by place)
select
    count(*) filter (where share < 0 or share > 1 or people < 0 or isnan(share)) as S07,
    (select max(abs(shares - 1)) from places) as S23
from segment_summary
