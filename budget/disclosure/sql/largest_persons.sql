-- The two people who cost most in each place and segment, among those above the least stop-loss threshold.
with persons as (
    select care.person_id, care.place, population.segment, sum(care.cost_pence) as cost_pence
    from high_cost_care as care
    join population using (person_id)
    group by all
)
select
    place,
    segment,
    max(cost_pence) as largest,
    -- nobody else above the threshold is a true zero: who is below it is among those who blur the estimate
    coalesce(list_sort(list(cost_pence), 'DESC')[2], 0) as second
from persons
group by place, segment
order by place, segment
