-- needs: segment_summary, population_counts
-- S22: people by segment against people counted, the worst place.
with segments as (select place, sum(people) as people from segment_summary group by place),
counted as (select place, sum(people) as people from population_counts group by place)
-- a place on one side only has nobody on the other: a true zero
select max(abs(coalesce(segments.people, 0) - coalesce(counted.people, 0))) as S22
from segments full join counted using (place)
