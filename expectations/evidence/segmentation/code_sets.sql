-- needs: segment_codelists, previous_segment_codelists
-- S05: codelists of another version than in the earlier run whose register does not say what changed.
select count(*) as S05
from segment_codelists as now
join previous_segment_codelists as before on before.codelist = now.codelist
where now.version <> before.version and now.change is null
