-- needs: spend_per_head
-- B07: lines whose spend a head moved further than it may, or that only one of the years has.
select count(*) filter (where change_share is null or abs(change_share) > {b07_share}) as B07
from spend_per_head
