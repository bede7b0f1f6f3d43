-- needs: person_cost
-- B12: share of cost that the most expensive hundredth of people spends.
with ranked as (
    select cost_pence, row_number() over (order by cost_pence desc) as position from person_cost where cost_pence > 0
),
size as (select ceil(0.01 * count(*)) as hundredth, cast(sum(cost_pence) as bigint) as pence from person_cost)
select cast(sum(cost_pence) as bigint) / nullif(any_value(pence), 0) as B12
from ranked, size
where position <= hundredth
