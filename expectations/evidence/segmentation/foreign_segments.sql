-- needs: segments, segment_population
-- S29: segments of a locality that counted them itself which its scheme does not know, so that their group is not stated.
select count(*) as S29
from segments
where broad_group = 'not_stated'
