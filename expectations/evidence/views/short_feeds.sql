-- reads: activity, provider_activity, previous_provider_activity, baseline_lines, previous_baseline_lines
-- Feeds that end early: care of a line and provider that lacks months of the year, where it is large enough to have some
-- in every month or costs about eleven twelfths of the earlier run's; and spend of a line and place of about that.
with months as (
    select
        service_line, provider_code, count(*) as rows,
        count(distinct month(activity_date)) filter (where activity_date between {care_begins} and {care_ends}) as months
    from activity
    group by service_line, provider_code
),
now as (
    select service_line, provider_code, cast(sum(cost_pence) as bigint) as pence from provider_activity group by all
),
before as (
    select service_line, provider_code, cast(sum(cost_pence) as bigint) as pence from previous_provider_activity group by all
),
care as (
    select service_line, provider_code, months
    from months
    left join now using (service_line, provider_code)
    left join before using (service_line, provider_code)
    where months between 1 and 11
        and (rows >= {b16_rows} or now.pence / nullif(before.pence, 0) between {b16_low} and {b16_high})
),
spent as (
    select place, service_line, now.pence / nullif(before.pence, 0) as ratio
    from (select place, service_line, sum(gross_pence) as pence from baseline_lines group by all) as now
    join (select place, service_line, sum(gross_pence) as pence from previous_baseline_lines group by all) as before
        using (place, service_line)
)
select distinct places.place, care.service_line, care.provider_code, care.months || ' months of care' as feed
from care
join provider_activity as places using (service_line, provider_code)
union all
select place, service_line, null, 'about eleven twelfths of the spend'
from spent
where ratio between {b16_low} and {b16_high}
