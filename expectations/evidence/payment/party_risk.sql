-- needs: party_risk
-- O75: parties whose percentiles or chances are out of order. O76: parties that may lose more than they can bear under
-- what is agreed.
select
    count(*) filter (
        where mean_of_worst_pence > worst_pence or sd_pence < 0
            or chance_of_loss < 0 or chance_of_loss > 1
            or chance_pool_exhausted < 0 or chance_pool_exhausted > 1
    ) as O75,
    count(*) filter (where agreed and not within) as O76
from party_risk
