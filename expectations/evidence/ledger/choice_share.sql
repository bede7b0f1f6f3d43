-- needs: choice_history, carve_outs
-- C05: furthest that a place's planned choice share lies from the mean of what the last years show.
with years as (
    select
        place,
        sum(outside_pence) / sum(whole_pence) as share,
        row_number() over (partition by place order by financial_year desc) as years_back
    from choice_history group by place, financial_year
),
actual as (select place, avg(share) as share from years where years_back <= {c05_years} group by place),
planned as (
    select place, planned_pence / base_pence as share from carve_outs where type = 'choice' and base_pence > 0
)
select max(abs(planned.share - actual.share)) as C05
from planned join actual using (place)
