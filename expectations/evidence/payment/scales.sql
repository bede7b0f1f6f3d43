-- needs: budget_by_scale, integrated_budget
-- O41: places and years whose budget is another at this scale, and scales of a year (places of practice groups) whose parts
-- do not add up to those of the places.
with budget as (
    select financial_year, place, cast(sum(allocation_pence) as bigint) as allocation
    from integrated_budget group by financial_year, place
),
units as (
    select
        financial_year,
        scale,
        place,
        cast(sum(allocation_pence) as bigint) as allocation,
        cast(sum(carve_out_pence) as bigint) as carve_out,
        cast(sum(risk_pool_pence) as bigint) as risk_pool,
        cast(sum(incentive_pence) as bigint) as incentive,
        cast(sum(core_pence) as bigint) as core
    from budget_by_scale group by financial_year, scale, place
),
places as (select * from units where scale = 'place'),
years as (
    select
        financial_year,
        cast(sum(allocation) as bigint) as allocation,
        cast(sum(carve_out) as bigint) as carve_out,
        cast(sum(risk_pool) as bigint) as risk_pool,
        cast(sum(incentive) as bigint) as incentive,
        cast(sum(core) as bigint) as core
    from places group by financial_year
),
differing as (
    select budget.financial_year
    from budget full join places using (financial_year, place)
    where budget.allocation is distinct from places.allocation
    union all
    select units.financial_year
    from units left join places using (financial_year, place)
    where units.scale = 'practice_group'
    and (units.allocation, units.carve_out, units.risk_pool, units.incentive, units.core)
        is distinct from (places.allocation, places.carve_out, places.risk_pool, places.incentive, places.core)
    union all
    select units.financial_year
    from units left join years using (financial_year)
    where units.scale in ('footprint', 'system')
    and (units.allocation, units.carve_out, units.risk_pool, units.incentive, units.core)
        is distinct from (years.allocation, years.carve_out, years.risk_pool, years.incentive, years.core)
)
select count(*) as O41 from differing
