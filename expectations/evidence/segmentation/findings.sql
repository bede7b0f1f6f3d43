-- needs: segment_findings
-- S25: rules of the scheme that can place nobody.
select count(*) filter (where fault) as S25
from segment_findings
