-- needs: contract_simulation
-- O74: contracts whose results under a form are not budgets less costs, or whose transfers leave something over.
with sums as (
    select
        contract, form, activity,
        cast(sum(result_pence - budget_pence + cost_pence) as bigint) as apart,
        cast(sum(transfer_pence) as bigint) as moved
    from contract_simulation group by contract, form, activity
)
select count(*) filter (where apart <> 0 or moved <> 0) as O74 from sums
