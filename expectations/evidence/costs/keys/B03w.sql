select service_line as key
from line_attribution
where attribution_factor is null or abs(attribution_factor - 1) > {b03w_max}
