select service_line as key
from spend
where adjustment is null and financial_year = {base_year}
    and service_line not in (select service_line from baseline_lines)
