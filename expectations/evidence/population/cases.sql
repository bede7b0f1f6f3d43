-- needs: commissioner_case_counts
-- P27: cases of stays, placements, aftercare and disputes that name nobody who pays. No cases at all is a true zero.
select coalesce(cast(sum(unresolved) as bigint), 0) as P27
from commissioner_case_counts
