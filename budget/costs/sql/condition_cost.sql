-- Cost and people of each place, segment and line by the budget that claims them: the first in the list whose segments,
-- lines and conditions all fit. RC18: lines that are not tied to persons have people and no cost.
select
    people.place,
    people.segment,
    people.service_line,
    people.budget,
    cast(people.people as bigint) as people,
    -- people without care on the line have a true zero
    cast(coalesce(care.cost_pence, 0) as bigint) as cost_pence
from (
    select place, segment, service_line, {budget} as budget, sum(people) as people
    from (
        select person.place, person.segment, {having}, count(*) as people
        from population as person
        left join condition_people as having_it on having_it.person_id = person.person_id
        group by all
    ) as groups
    cross join scope_lines
    group by all
) as people
left join (
    select place, segment, service_line, {budget} as budget, sum(cost_pence) as cost_pence
    from (
        select person.place, person.segment, costed.service_line, {having}, costed.cost_pence
        from costed
        join population as person on person.person_id = costed.person_id
        left join condition_people as having_it on having_it.person_id = person.person_id
        where not ({hosted})
    ) as spent
    group by all
) as care
    on care.place = people.place
    and care.segment = people.segment
    and care.service_line = people.service_line
    and care.budget = people.budget
