-- reads: segment_summary, previous_segment_summary
-- People of each segment of a place against the earlier run's; a segment that only one of the runs has has nobody in the
-- other, a true zero. Small segments move by chance.
select
    place,
    segment,
    case when coalesce(before.people, 0) = 0 then 1 else coalesce(now.people, 0) / before.people - 1 end as change
from segment_summary as now
full join previous_segment_summary as before using (place, segment)
where greatest(coalesce(before.people, 0), coalesce(now.people, 0)) >= {s28_people}
