with providers as (
    select financial_year, place, service_line, cast(sum(planned_pence) as bigint) as pence
    from choice_by_provider group by all
),
moved as (
    select financial_year, place, service_line, -cast(sum(amount_pence) as bigint) as pence
    from budget_ledger
    where cast(step as varchar) = 'choice_carve_out' and place in (select place from choice_by_provider)
    group by financial_year, place, service_line
)
select place || ' ' || service_line || ' ' || financial_year as key
from providers full join moved using (financial_year, place, service_line)
where providers.pence is distinct from moved.pence
