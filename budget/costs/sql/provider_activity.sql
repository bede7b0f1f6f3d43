-- Activity and cost by place, line and provider; a provider is local where it serves a place or system of ours. Care that
-- has no cost of its own, on a line of patient-level costs, is left out.
select
    care.place,
    care.service_line,
    care.provider_code,
    provider.provider_name,
    provider.local_to is not null as local,
    provider.contracted,
    care.units,
    care.cost_pence
from (
    select
        person.place,
        priced.service_line,
        priced.provider_code,
        cast(sum(cast(priced.units as decimal(28, 4))) as double) as units,
        cast(sum(priced.cost_pence) as bigint) as cost_pence
    from priced
    join population as person using (person_id)
    where priced.cost_pence is not null
    group by all
) as care
left join providers as provider on provider.provider_code = care.provider_code
order by care.place, care.service_line, care.provider_code
