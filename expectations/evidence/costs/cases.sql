-- needs: commissioner_case_costs
-- B25: rows in which our share and the other commissioner's do not add up to the cost.
select count(*) filter (where ours_pence + others_pence <> cost_pence) as B25
from commissioner_case_costs
