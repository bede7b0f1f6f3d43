-- needs: integrated_budget
-- O01: rows whose parts do not add up to the allocation. O23: rows with fewer than no people.
select
    count(*) filter (where allocation_pence <> carve_out_pence + risk_pool_pence + incentive_pence + core_pence) as O01,
    count(*) filter (where people < 0 or weighted_people < 0) as O23
from integrated_budget
