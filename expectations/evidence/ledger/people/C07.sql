-- needs: stop_loss_cost, high_cost_care, carve_out_claims
-- People whose cost counts towards the stop-loss and is in another carve-out, or whose excess does not follow from it.
with carved as (
    select claims.financial_year, care.person_id, sum(care.cost_pence) as pence
    from high_cost_care as care
    join (select distinct financial_year, place, service_line, provider_code from carve_out_claims) as claims
        using (place, service_line, provider_code)
    group by claims.financial_year, care.person_id
)
select people.person_id
from stop_loss_cost as people
left join carved using (financial_year, person_id)
-- somebody without care in another carve-out has a true zero there
where people.counted_pence + coalesce(carved.pence, 0) > people.cost_pence
    or people.excess_pence <> greatest(people.counted_pence - people.threshold_pence, 0)
