-- What each person cost in the base year on the lines of one need stream; a person without care on them has a true zero.
select person.person_id, cast(coalesce(sum(line.cost_pence), 0) as bigint) as cost_pence
from population as person
left join (select * from person_line_cost where service_line in {lines}) as line on line.person_id = person.person_id
group by person.person_id
