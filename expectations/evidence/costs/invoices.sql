-- needs: provider_activity, spend
-- B05: what a provider's activity costs against what it was paid, where spend names providers, the worst one. Places and
-- lines whose spend names nobody are left out.
with invoiced as (
    select place, service_line, provider_code, cast(sum(amount_pence) as bigint) as pence
    from spend
    where financial_year = {base_year} and adjustment is null and provider_code is not null
    group by place, service_line, provider_code
),
providers as (
    -- a provider that was paid for a line without any activity of its own has a true zero there
    select
        invoiced.provider_code,
        cast(sum(invoiced.pence) as bigint) as invoiced,
        cast(sum(coalesce(activity.cost_pence, 0)) as bigint) as priced
    from invoiced
    left join provider_activity as activity using (place, service_line, provider_code)
    group by invoiced.provider_code
)
select max(abs(priced - invoiced) / nullif(abs(invoiced), 0)) as B05
from providers
