select place || ' ' || commissioner || ' ' || service_line as key
from baseline_lines
where gross_pence + adjustment_pence <> normalised_pence
