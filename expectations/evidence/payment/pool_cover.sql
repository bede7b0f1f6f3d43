-- needs: risk_pool_cover, budget_by_scale
-- O43: units whose pool is not that of their budget, or whose chance is none.
select
    count(*) filter (
        where cover.pool_pence is distinct from units.risk_pool_pence
        or cover.budget_pence is distinct from units.allocation_pence - units.carve_out_pence
        or not cover.chance_exhausted between 0 and 1
    ) as O43
from (select * from risk_pool_cover where scale <> 'size') as cover
left join budget_by_scale as units
    on units.financial_year = cover.financial_year and units.scale = cover.scale and units.unit = cover.unit
