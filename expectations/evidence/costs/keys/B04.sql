select place || ' ' || service_line || ' ' || segment as key
from segment_cost
where people = 0 and grossed_pence <> 0 and segment <> {unattributed}
