-- needs: scoped_budgets, integrated_budget
-- O27: rows of the budget whose allocation and core by scope, with what is outside, do not add up to it.
-- O28: parts by scope whose allocation is not the sum of its parts.
with scopes as (
    select
        financial_year, place, segment, service_line, commissioner,
        cast(sum(allocation_pence) as bigint) as allocation,
        cast(sum(core_pence) as bigint) as core
    from scoped_budgets group by all
)
select
    (
        select count(*)
        from integrated_budget as whole
        full join scopes using (financial_year, place, segment, service_line, commissioner)
        where whole.allocation_pence is distinct from scopes.allocation or whole.core_pence is distinct from scopes.core
    ) as O27,
    (
        select count(*) from scoped_budgets
        where allocation_pence <> carve_out_pence + risk_pool_pence + incentive_pence + core_pence
    ) as O28
