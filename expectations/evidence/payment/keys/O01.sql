select place || ' ' || segment || ' ' || service_line || ' ' || commissioner || ' ' || financial_year as key
from integrated_budget
where allocation_pence <> carve_out_pence + risk_pool_pence + incentive_pence + core_pence
