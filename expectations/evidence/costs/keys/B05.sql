with invoiced as (
    select place, service_line, provider_code, cast(sum(amount_pence) as bigint) as pence
    from spend
    where financial_year = {base_year} and adjustment is null and provider_code is not null
    group by place, service_line, provider_code
)
select invoiced.provider_code as key
from invoiced
left join provider_activity as activity using (place, service_line, provider_code)
group by invoiced.provider_code
-- a line without activity of the provider is a true zero
having abs(sum(coalesce(activity.cost_pence, 0)) - sum(invoiced.pence)) > {b05_max} * abs(sum(invoiced.pence))
