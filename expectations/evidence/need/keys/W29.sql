select stream as key
from risk_diagnostics
where measure = 'calibration' and "group" = 'all' and model <> 'frozen'
order by abs(value - 1) desc, stream
limit 1
