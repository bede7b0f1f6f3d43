-- needs: segment_codelists
-- S24: codelists that the scheme counts and nobody has approved. S26: those that nobody has on record.
select count(*) filter (where status <> 'approved') as S24, count(*) filter (where people = 0) as S26
from segment_codelists
