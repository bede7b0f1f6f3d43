select segment as key
from segments
where broad_group = 'not_stated'
