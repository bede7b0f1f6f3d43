-- needs: demographic_growth, budget_ledger
-- C41: places and years whose growth by numbers and by mix is not the movement of the step.
with moved as (
    select financial_year, place, cast(sum(amount_pence) as bigint) as pence
    from budget_ledger where cast(step as varchar) = 'demographic_growth' group by financial_year, place
)
-- a place without a movement does not grow: a true zero
select
    count(*) filter (
        where parts.population_pence + parts.case_mix_pence <> parts.amount_pence
        or parts.amount_pence <> coalesce(moved.pence, 0)
    ) as C41
from demographic_growth as parts left join moved using (financial_year, place)
