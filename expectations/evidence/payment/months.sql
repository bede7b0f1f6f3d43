-- needs: monthly_profile, integrated_budget
-- O02: places and years whose months do not add up to the year's payment. O02b: those without exactly twelve months.
with months as (
    select financial_year, place, cast(sum(payment_pence) as bigint) as pence, count(distinct month) as months
    from monthly_profile where month between 1 and 12
    group by financial_year, place
),
years as (
    select financial_year, place, cast(sum(incentive_pence + core_pence) as bigint) as pence
    from integrated_budget group by financial_year, place
)
select
    count(*) filter (where months.pence is distinct from years.pence) as O02,
    count(*) filter (where months.months is distinct from 12) as O02b
from months full join years using (financial_year, place)
