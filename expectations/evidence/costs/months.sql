-- needs: activity
-- B10: providers that are large enough to have activity in every month of the year of care, and lack some.
with providers as (
    select
        count(*) as rows,
        count(distinct month(activity_date)) filter (
            where activity_date between {care_begins} and {care_ends}
        ) as months
    from activity
    group by provider_code
)
select count(*) filter (where rows >= {b10_rows} and months < {b10_months}) as B10
from providers
