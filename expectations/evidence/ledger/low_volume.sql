-- needs: provider_activity
-- C06: pairs of place and provider whose cost in the base year is below the threshold of low-volume activity.
with pairs as (
    select place, provider_code, cast(sum(cost_pence) as bigint) as pence
    from provider_activity group by place, provider_code
)
select count(*) filter (where pence < {c06_pence}) as C06 from pairs
