-- Every person in exactly one segment. A person without conditions or events has a true zero of them.
select
    {columns},
    case when basis = 'unregistered_resident' and {separate} then {unregistered} else {segment} end as segment,
    long_term_conditions
from (
    select {base_columns}, {features}
    from population_base as base
    left join condition_features on condition_features.person_id = base.person_id
    left join event_features on event_features.person_id = base.person_id
) as person
