select place || ' ' || financial_year as key
from carve_out_claims
group by financial_year, place, service_line, provider_code
having count(*) > 1
