-- needs: stop_loss_cost, high_cost_care, carve_out_claims
-- C07: people whose cost counts towards the stop-loss threshold and is in another carve-out as well, or whose excess is not
-- what they cost above the threshold; and care that two carve-outs claim.
with claims as (
    select financial_year, place, service_line, provider_code, count(*) as claims
    from carve_out_claims group by all
),
carved as (
    select claims.financial_year, care.person_id, sum(care.cost_pence) as pence
    from high_cost_care as care
    join claims using (place, service_line, provider_code)
    group by claims.financial_year, care.person_id
)
select
    (
        select count(*)
        from stop_loss_cost as people
        left join carved using (financial_year, person_id)
        -- somebody without care in another carve-out has a true zero there
        where people.counted_pence + coalesce(carved.pence, 0) > people.cost_pence
            or people.excess_pence <> greatest(people.counted_pence - people.threshold_pence, 0)
    ) + (select count(*) from claims where claims > 1) as C07
