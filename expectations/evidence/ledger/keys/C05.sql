with years as (
    select
        place,
        sum(outside_pence) / sum(whole_pence) as share,
        row_number() over (partition by place order by financial_year desc) as years_back
    from choice_history group by place, financial_year
),
actual as (select place, avg(share) as share from years where years_back <= {c05_years} group by place),
planned as (
    select place, financial_year, planned_pence / base_pence as share
    from carve_outs where type = 'choice' and base_pence > 0
)
select place || ' ' || financial_year as key
from planned join actual using (place)
where abs(planned.share - actual.share) > {c05_max}
