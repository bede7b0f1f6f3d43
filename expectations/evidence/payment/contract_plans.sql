-- needs: contract_plans, integrated_budget
-- O48: service lines of which contracts hold more than core and incentive of the first budget year.
with held as (
    select service_line, cast(sum(budget_pence) as bigint) as pence
    from contract_plans group by service_line
),
paid as (
    select service_line, cast(sum(core_pence + incentive_pence) as bigint) as pence
    from integrated_budget
    where financial_year = (select min(financial_year) from integrated_budget)
    group by service_line
)
select count(*) filter (where paid.pence is null or held.pence > paid.pence) as O48
from held left join paid using (service_line)
