select boundary || ' ' || service_line as key
from part_complete
where counted_pence + other_pence <> whole_pence or counted_pence < 0 or other_pence < 0
