-- Care of the base year by line and provider, of the people who cost more than the least stop-loss threshold of the budget
-- years, on lines that are tied to persons (RC18). Patient-level costs name no provider.
select
    costed.person_id,
    person.place,
    costed.service_line,
    costed.provider_code,
    cast(sum(costed.cost_pence) as bigint) as cost_pence
from costed
join (select person_id from person_cost where cost_pence > {threshold}) as costly using (person_id)
join population as person using (person_id)
where not ({hosted})
group by costed.person_id, person.place, costed.service_line, costed.provider_code
