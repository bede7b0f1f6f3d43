-- Direct cost of each segment by place and line. Integer pence, so the sum is the same on every engine.
-- RC18: lines that are there for everyone present are not tied to persons.
select person.place, priced.service_line, person.segment, cast(sum(priced.cost_pence) as bigint) as direct_pence
from priced
join population as person using (person_id)
where not ({hosted})
group by all
order by all
