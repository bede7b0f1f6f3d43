-- needs: choice_by_provider, carve_outs
-- C23: places and years whose choice carve-out by provider does not add up to the carve-out.
with providers as (
    select financial_year, place, cast(sum(planned_pence) as bigint) as pence
    from choice_by_provider group by financial_year, place
),
choice as (
    select financial_year, place, cast(sum(planned_pence) as bigint) as pence
    from carve_outs where type = 'choice' group by financial_year, place
)
select count(*) filter (where providers.pence <> choice.pence) as C23
from providers join choice using (financial_year, place)
