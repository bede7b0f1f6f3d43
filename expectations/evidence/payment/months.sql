-- needs: monthly_profile, integrated_budget
-- O02: pence that months leave over of their years, and how far the furthest month of a whole year lies from a twelfth of
-- it; the larger of the two is shown. O02b: places and years without exactly twelve months.
with months as (
    select
        financial_year, place, cast(sum(payment_pence) as bigint) as pence, count(distinct month) as months,
        max(payment_pence) as most, min(payment_pence) as least
    from monthly_profile where month between 1 and 12
    group by financial_year, place
),
years as (
    select financial_year, place, cast(sum(incentive_pence + core_pence) as bigint) as pence
    from integrated_budget group by financial_year, place
),
judged as (
    select
        count(*) filter (where months.months is distinct from 12) as O02b,
        -- a year on one side only has no money on the other: a true zero
        cast(sum(abs(coalesce(months.pence, 0) - coalesce(years.pence, 0))) as bigint) as O02_left_over,
        max(greatest(abs(12 * most - months.pence), abs(12 * least - months.pence)) / 12) filter (where months.months = 12)
            as O02_furthest
    from months full join years using (financial_year, place)
)
select *, greatest(O02_left_over, O02_furthest) as O02
from judged
