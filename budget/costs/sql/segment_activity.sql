-- Direct cost of each segment by place and line. Integer pence, so the sum is the same on every engine.
select person.place, priced.service_line, person.segment, cast(sum(priced.cost_pence) as bigint) as direct_pence
from priced
join population as person using (person_id)
group by all
order by all
