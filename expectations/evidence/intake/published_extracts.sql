-- needs: published_list
-- I03p: days from the published count to the snapshot. A count that does not say is not asked.
select max(date_diff('day', extracted_on, {snapshot})) as I03p
from published_list
