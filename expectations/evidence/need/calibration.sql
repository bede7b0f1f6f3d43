-- needs: risk_diagnostics
-- W21: predicted over actual cost less one, after the scalar, of the model that is furthest off.
select max(abs(value - 1)) as W21
from risk_diagnostics
where measure = 'calibrated' and "group" = 'all'
