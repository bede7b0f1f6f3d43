-- needs: budget_ledger, pace_of_change
-- C21: places and years whose movements up to the allocation do not add up to it. C28: the same for the opening budget,
-- before the pace of change.
with places as (
    select
        financial_year,
        place,
        cast(sum(amount_pence) as bigint) as allocation_pence,
        cast(sum(amount_pence) filter (where cast(step as varchar) <> 'pace_of_change') as bigint) as opening_pence
    from budget_ledger
    where cast(step as varchar) not in ('choice_carve_out', 'other_carve_outs', 'risk_pool', 'incentive')
    group by financial_year, place
),
paces as (select financial_year, place, opening_pence, allocation_pence from pace_of_change where set_here)
select
    count(*) filter (where places.allocation_pence is distinct from paces.allocation_pence) as C21,
    count(*) filter (where places.opening_pence is distinct from paces.opening_pence) as C28
from places full join paces using (financial_year, place)
