with moved as (
    select financial_year, place, segment, service_line, commissioner, cast(sum(amount_pence) as bigint) as pence
    from budget_ledger group by all
)
select budget.place || ' ' || budget.service_line || ' ' || budget.segment || ' ' || budget.financial_year as key
from integrated_budget as budget
left join moved using (financial_year, place, segment, service_line, commissioner)
where moved.pence is distinct from budget.core_pence
or (budget.place, budget.commissioner, budget.service_line) not in (
    select (place, commissioner, service_line) from baseline_lines
)
or (budget.place, budget.commissioner, budget.service_line) not in (
    select (place, commissioner, service_line) from spend where financial_year = {base_year}
)
or (budget.place, budget.service_line, budget.segment) not in (select (place, service_line, segment) from segment_cost)
