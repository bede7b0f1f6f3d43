-- uses: merged_places, restated_baseline, short_feeds
-- What is known to move the money of a place and line; a place as a whole has no line.
with causes as (
    select place, service_line, 'restated baseline' as cause from restated_baseline
    union all
    select place, service_line, 'eleven-month feed' || ' (' || feed || ')' from short_feeds
)
select place, service_line, string_agg(distinct cause, ', ' order by cause) as causes
from (
    select * from causes
    union all
    select place, null, split_part(cause, ' (', 1) from causes
    union all
    select null, service_line, split_part(cause, ' (', 1) from causes
    union all
    select place, null, causes from merged_places
)
group by all
