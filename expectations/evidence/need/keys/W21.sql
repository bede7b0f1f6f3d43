select stream as key
from risk_diagnostics
where measure = 'calibrated' and "group" = 'all'
order by abs(value - 1) desc, stream
limit 1
