-- needs: pace_of_change
-- C01: allocations against targets, which add up to the quantum, in pence, the worst year.
-- C08: what the floors need beyond the quantum, in pence, the worst year.
-- C02: places below their floor, where the rule has floors.
-- C03: places that move away from their target although no floor binds.
-- C29: growth or distance that does not follow from the amounts beside it.
with years as (
    select financial_year, cast(sum(allocation_pence) as bigint) - cast(sum(target_pence) as bigint) as difference
    from pace_of_change where binding_rule <> 'infeasible' group by financial_year
),
infeasible as (
    select cast(sum(allocation_pence) as bigint) - cast(sum(target_pence) as bigint) as shortfall
    from pace_of_change where binding_rule = 'infeasible' group by financial_year
)
select
    (select coalesce(max(abs(difference)), 0) from years) as C01,
    (select coalesce(max(abs(shortfall)), 0) from infeasible) as C08,
    count(*) filter (
        where allocation_pence < floor_pence - {c02_pence} and binding_rule not in {c02_without_floors}
    ) as C02,
    count(*) filter (
        where abs(closing_dft) > abs(opening_dft) + {c03_share} and binding_rule not in {c03_floors}
    ) as C03,
    count(*) filter (
        where abs(growth - (allocation_pence / nullif(opening_pence, 0) - 1)) > {c29_share}
        or abs(closing_dft - (allocation_pence / nullif(target_pence, 0) - 1)) > {c29_share}
    ) as C29
from pace_of_change
