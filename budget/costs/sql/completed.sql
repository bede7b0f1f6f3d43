-- Recorded cost by place, line, segment and months since the care, and what it will be once all of it is recorded, half up.
-- A line without a factor for a month counts as recorded. Integer pence, so that sums are the same on every engine.
-- RC18: lines that are there for everyone present are not tied to persons.
select
    recorded.place,
    recorded.service_line,
    recorded.segment,
    recorded.months_since,
    recorded.rows_recorded,
    recorded.recorded_pence,
    completion.factor,
    case
        when completion.factor is null then recorded.recorded_pence
        else cast(floor(recorded.recorded_pence * completion.factor + 0.5) as bigint)
    end as completed_pence
from (
    select
        person.place,
        costed.service_line,
        person.segment,
        {months_since} as months_since,
        count(*) as rows_recorded,
        cast(sum(costed.cost_pence) as bigint) as recorded_pence
    from costed
    join population as person using (person_id)
    where not ({hosted})
    group by all
) as recorded
left join completion_factors as completion
    on completion.service_line = recorded.service_line and completion.months_since = recorded.months_since
