-- Every person in exactly one segment. A person without conditions or events has a true zero of them.
select
    person.* exclude (reason_codes),
    case when basis = 'unregistered_resident' and {separate} then {unregistered} else {segment} end as segment,
    long_term_conditions,
    reason_codes
from (
    select base.*, {features}
    from population_base as base
    left join condition_features as condition_features using (person_id)
    left join event_features as event_features using (person_id)
) as person
