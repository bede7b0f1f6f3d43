-- needs: assumption_ledger
-- W05: budget years without a cost uplift or an efficiency factor that is in force by the end of the year.
-- W06: values outside the range that is documented for them.
with wanted as (
    select name, unnest(list_value{budget_years}) as financial_year
    from (values ('cost_uplift_factor'), ('efficiency_factor')) as asked(name)
),
in_force as (
    select name, financial_year, coalesce(effective_from, date '0001-01-01') as since
    from assumption_ledger where scope = 'all'
)
select
    (
        select count(*) from wanted
        where not exists (
            select 1 from in_force
            where in_force.name = wanted.name and in_force.financial_year in (wanted.financial_year, 'any')
                and since <= make_date(cast(left(wanted.financial_year, 4) as integer) + 1, 3, 31)
        )
    ) as W05,
    (
        select count(*) from assumption_ledger
        where try_cast(value as double) < try_cast(low as double) or try_cast(value as double) > try_cast(high as double)
    ) as W06
