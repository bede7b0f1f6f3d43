with wanted as (
    select name, unnest(list_value{budget_years}) as financial_year
    from (values ('cost_uplift_factor'), ('efficiency_factor')) as asked(name)
)
select name || ' ' || financial_year as key
from wanted
where not exists (
    select 1 from assumption_ledger as held
    where held.name = wanted.name and held.scope = 'all' and held.financial_year in (wanted.financial_year, 'any')
        and coalesce(held.effective_from, date '0001-01-01')
            <= make_date(cast(left(wanted.financial_year, 4) as integer) + 1, 3, 31)
)
