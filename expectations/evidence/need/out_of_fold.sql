-- needs: risk_diagnostics
-- W29: predicted over actual cost less one, before the scalar, of people whom the model was not fitted on; the model that
-- is furthest off. Frozen coefficients are in the money of another year, so what they add up to says nothing.
select max(abs(value - 1)) as W29
from risk_diagnostics
where measure = 'calibration' and "group" = 'all' and model <> 'frozen'
