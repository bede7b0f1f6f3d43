with months as (
    select financial_year, place, cast(sum(payment_pence) as bigint) as pence
    from monthly_profile where month between 1 and 12
    group by financial_year, place
),
years as (
    select financial_year, place, cast(sum(incentive_pence + core_pence) as bigint) as pence
    from integrated_budget group by financial_year, place
)
select place || ' ' || financial_year as key
from months full join years using (financial_year, place)
where months.pence is distinct from years.pence
