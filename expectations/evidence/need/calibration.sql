-- needs: risk_diagnostics
-- W21: predicted over actual cost less one, after the scalar.
select max(abs(value - 1)) as W21
from risk_diagnostics
where measure = 'calibrated' and "group" = 'all'
