select coalesce(now.place, before.place) || ' ' || coalesce(now.segment, before.segment) as key
from segment_summary as now
full join previous_segment_summary as before on before.place = now.place and before.segment = now.segment
where abs(coalesce(now.share, 0) - coalesce(before.share, 0)) > {s03_max}
