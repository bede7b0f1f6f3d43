with providers as (
    select financial_year, place, cast(sum(planned_pence) as bigint) as pence
    from choice_by_provider group by financial_year, place
),
choice as (
    select financial_year, place, cast(sum(planned_pence) as bigint) as pence
    from carve_outs where type = 'choice' group by financial_year, place
)
select place || ' ' || financial_year as key
from providers join choice using (financial_year, place)
where providers.pence <> choice.pence
