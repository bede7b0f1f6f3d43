with segments as (select place, sum(people) as people from segment_summary group by place),
counted as (select place, sum(people) as people from population_counts group by place)
select place as key
from segments full join counted using (place)
where abs(coalesce(segments.people, 0) - coalesce(counted.people, 0)) > {s22_max}
