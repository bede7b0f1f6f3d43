-- needs: segment_summary, segment_population
-- S22b: people by segment against the totals that the locality gave, the worst place and segment.
-- A row on one side only has nobody on the other: a true zero.
select max(abs(coalesce(segment_summary.people, 0) - coalesce(segment_population.people, 0))) as S22b
from segment_summary full join segment_population using (place, segment)
