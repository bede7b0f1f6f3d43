-- needs: spend, baseline_lines
-- B09: amounts that two commissioners both state for one place and line, as where a pooled budget is counted twice.
-- B24: gross spend of the base year less the gross baseline, in pence.
with gross as (
    select * from spend where adjustment is null and financial_year = {base_year}
),
shared as (
    select place, service_line, amount_pence from gross
    where amount_pence <> 0
    group by place, service_line, amount_pence
    having count(distinct commissioner) > 1
),
sides as (
    select
        (select cast(sum(amount_pence) as bigint) from gross) as B24_spend,
        (select cast(sum(gross_pence) as bigint) from baseline_lines) as B24_baseline
)
select (select count(*) from shared) as B09, *, abs(B24_spend - B24_baseline) as B24
from sides
