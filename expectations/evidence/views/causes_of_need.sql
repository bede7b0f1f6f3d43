-- uses: merged_places, restated_weights
-- What is known to move the need of a place.
select place, string_agg(distinct cause, ', ' order by cause) as causes
from (
    select place, 'restated weights' as cause from restated_weights
    union all
    select place, causes from merged_places
)
group by place
