with places as (
    select financial_year, place, cast(sum(amount_pence) as bigint) as allocation_pence
    from budget_ledger
    where cast(step as varchar) not in ('choice_carve_out', 'other_carve_outs', 'risk_pool', 'incentive')
    group by financial_year, place
),
paces as (select financial_year, place, allocation_pence from pace_of_change where set_here)
select place || ' ' || financial_year as key
from places full join paces using (financial_year, place)
where places.allocation_pence is distinct from paces.allocation_pence
