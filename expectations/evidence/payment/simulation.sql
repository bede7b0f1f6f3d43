-- needs: payment_simulation
-- O24: simulated payments whose margin is not payment less cost.
select count(*) filter (where payment_pence - cost_pence <> margin_pence) as O24
from payment_simulation
