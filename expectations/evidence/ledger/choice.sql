-- needs: choice_by_provider, budget_ledger
-- C23: lines of a place and year whose choice carve-out by provider is not the movement that takes it out; places without
-- providers are not asked.
-- C26: providers whose units times price are not the planned sum, half-up.
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
select
    (
        select count(*)
        from providers full join moved using (financial_year, place, service_line)
        where providers.pence is distinct from moved.pence
    ) as C23,
    (
        select count(*) from choice_by_provider
        where floor(planned_units * unit_price_pence + 0.5) <> planned_pence
    ) as C26
