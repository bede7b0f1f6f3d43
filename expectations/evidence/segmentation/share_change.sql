-- needs: segment_summary, previous_segment_summary
-- S03: how far a segment's share of its place has moved since the earlier run, the worst one. A segment that one of the
-- two runs does not have has nobody there: a true zero.
select max(abs(coalesce(now.share, 0) - coalesce(before.share, 0))) as S03
from segment_summary as now
full join previous_segment_summary as before on before.place = now.place and before.segment = now.segment
