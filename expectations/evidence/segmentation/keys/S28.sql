-- uses: segments_moved, merged_places
select moved.place || ' ' || moved.segment || ' ' || printf('%+.1f%%', 100 * moved.change) || coalesce(': ' || why.causes, '') as key
from segments_moved as moved
left join merged_places as why on why.place = moved.place
where abs(moved.change) > {s28_max}
