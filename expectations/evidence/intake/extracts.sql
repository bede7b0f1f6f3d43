-- needs: registered_list
-- I03: days from the list's extraction to the snapshot, the oldest part. A list that does not say is not asked.
select max(date_diff('day', extracted_on, {snapshot})) as I03
from registered_list
