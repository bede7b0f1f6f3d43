-- What each person cost in the base year, as recorded, all lines together that are tied to persons (RC18); a person
-- without activity has a true zero.
select person.person_id, cast(coalesce(sum(costed.cost_pence), 0) as bigint) as cost_pence
from population as person
left join (select * from costed where not ({hosted})) as costed using (person_id)
group by person.person_id
