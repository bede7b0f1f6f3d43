-- Cost by person, line and provider: priced care, and patient-level costs in its place on the lines that have them.
select person_id, service_line, activity_date, provider_code, cost_pence
from priced
where service_line not in (select service_line from patient_costs)
union all
select
    coalesce(merged.replaced_by, given.person_id) as person_id,
    given.service_line,
    cast(null as date) as activity_date,
    cast(null as varchar) as provider_code,
    given.cost_pence
from patient_costs as given
left join person_merges as merged on merged.person_id = given.person_id
where given.service_line in {lines}
