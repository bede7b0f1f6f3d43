with scopes as (
    select financial_year, place, segment, service_line, commissioner, cast(sum(core_pence) as bigint) as core
    from scoped_budgets group by all
)
select place || ' ' || segment || ' ' || service_line || ' ' || financial_year as key
from integrated_budget as whole
full join scopes using (financial_year, place, segment, service_line, commissioner)
where whole.core_pence is distinct from scopes.core
