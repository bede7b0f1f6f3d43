-- Where the earlier run's rule would put those who moved, on today's record, at one age or another.
select
    person_id,
    case when basis = 'unregistered_resident' and {separate} then {unregistered} else {segment} end as segment
from (
    select moved.person_id, moved.basis, moved.{asked_age} as age, {features}
    from moved
    left join old_condition_features on old_condition_features.person_id = moved.person_id
    left join old_event_features on old_event_features.person_id = moved.person_id
) as person
