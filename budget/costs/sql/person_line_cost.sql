-- What each person cost in the base year on every line that is tied to persons (RC18), as recorded; together they are
-- person_cost. A person without care on a line has no row.
select costed.person_id, costed.service_line, cast(sum(costed.cost_pence) as bigint) as cost_pence
from costed
join population as person on person.person_id = costed.person_id
where not ({hosted})
group by costed.person_id, costed.service_line
