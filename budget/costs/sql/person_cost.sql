-- What each person cost in the base year, as recorded, all lines together that are tied to persons (RC18); a person
-- without activity has a true zero. Care is added up before it meets people: one row a person fits in memory sooner.
select person.person_id, coalesce(care.cost_pence, 0) as cost_pence
from population as person
left join (
    select person_id, cast(sum(cost_pence) as bigint) as cost_pence
    from costed
    where not ({hosted})
    group by person_id
) as care on care.person_id = person.person_id
