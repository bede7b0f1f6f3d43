-- needs: population_reconciliation, published_list
-- P03: people counted against published patients, all practices. P04, P04b, P04w: practices that differ from what was
-- published by the share of each band or more, and by at least as many people as the thresholds name.
with practices as (
    select
        closing,
        published,
        abs(closing - published) as people,
        abs(closing - published) / nullif(published, 0) as share
    from population_reconciliation where published is not null
)
select
    abs(cast(sum(closing) as bigint) - cast(sum(published) as bigint))
        / nullif(cast(sum(published) as bigint), 0) as P03,
    count(*) filter (where people >= {p04_people} and (share >= {p04_share} or published = 0)) as P04,
    count(*) filter (where people >= {p04b_people} and (share >= {p04b_share} or published = 0)) as P04b,
    count(*) filter (where people >= {p04w_people} and (share >= {p04w_share} or published = 0)) as P04w
from practices
