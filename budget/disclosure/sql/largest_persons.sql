-- The two people who cost most in each place and segment, among those above the least stop-loss threshold.
with persons as (
    select care.person_id, care.place, population.segment, sum(care.cost_pence) as cost_pence
    from high_cost_care as care
    join population on population.person_id = care.person_id
    group by all
),
ranked as (
    select
        place, segment, cost_pence,
        row_number() over (partition by place, segment order by cost_pence desc, person_id) as rank
    from persons
)
select
    place,
    segment,
    max(case when rank = 1 then cost_pence end) as largest,
    -- nobody else above the threshold is a true zero: who is below it is among those who blur the estimate
    coalesce(max(case when rank = 2 then cost_pence end), 0) as second
from ranked
where rank <= 2
group by place, segment
order by place, segment
