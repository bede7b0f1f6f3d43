-- What has no cost of its own: the currencies, and departments where one is named, that need a price.
select distinct service_line, currency_code, department
from activity
where cost_pence is null and currency_code is not null and service_line in {lines}
