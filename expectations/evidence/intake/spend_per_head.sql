-- needs: spend, registered_list
-- I05: gross spend of the base year for each registration that is current at the snapshot, in pence a head.
with gross as (
    select cast(sum(amount_pence) as bigint) as pence from spend
    where adjustment is null and financial_year = {base_year}
),
heads as (
    select count(*) as people from registered_list
    where registered_on <= {snapshot} and (deregistered_on is null or deregistered_on >= {snapshot})
)
select pence / nullif(people, 0) as I05
from gross, heads
