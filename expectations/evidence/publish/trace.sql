-- needs: integrated_budget, budget_ledger, baseline_lines, segment_cost, spend, input_register, assumption_ledger
-- O04: lines of the budget that do not lead back to what was handed over: their own movements, to the penny, a line of
-- the baseline, a segment that bears part of its cost, rows of spend and a registered file of them.
-- O04a: movements that cite what is neither an assumption of the run nor a table that was observed.
with moved as (
    select financial_year, place, segment, service_line, commissioner, cast(sum(amount_pence) as bigint) as pence
    from budget_ledger group by all
),
spent as (
    select distinct place, commissioner, service_line from spend
    where financial_year = {base_year} and exists (select 1 from input_register where name = 'spend' and rows > 0)
),
cited as (
    select movement_id, split_part(unnest(assumptions), '@', 1) as name from budget_ledger
)
select
    (
        select count(*)
        from integrated_budget as budget
        left join moved using (financial_year, place, segment, service_line, commissioner)
        where moved.pence is distinct from budget.core_pence
        or (budget.place, budget.commissioner, budget.service_line) not in (
            select (place, commissioner, service_line) from baseline_lines
        )
        or (budget.place, budget.commissioner, budget.service_line) not in (
            select (place, commissioner, service_line) from spent
        )
        or (budget.place, budget.service_line, budget.segment) not in (
            select (place, service_line, segment) from segment_cost
        )
    ) as O04,
    (
        select count(distinct movement_id) from cited
        where name not in (select name from assumption_ledger) and name not in {o04a_observed}
    ) as O04a
