select now.codelist as key
from segment_codelists as now
join previous_segment_codelists as before on before.codelist = now.codelist
where now.version <> before.version and now.change is null
