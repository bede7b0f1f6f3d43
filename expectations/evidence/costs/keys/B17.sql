-- uses: restated_baseline
select place || ' ' || service_line || ' ' || printf('%+.1f%%', 100.0 * (now_pence - before_pence) / nullif(before_pence, 0)) as key
from restated_baseline
