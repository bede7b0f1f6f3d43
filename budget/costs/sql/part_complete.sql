-- Stays across the ends of the year of care, across a change of commissioner, and of people who were another's throughout:
-- what there is to share, what of it counts here, and the rest. What crosses both is shared by year first. A stay that a case
-- decides stands with the cases, and what patient-level costs replace is not counted by stays.
select
    service_line,
    'year' as boundary,
    {rule} as rule,
    count(*) as stays,
    cast(sum(stay_pence) as bigint) as whole_pence,
    cast(sum(whole_pence) as bigint) as counted_pence,
    cast(sum(stay_pence - whole_pence) as bigint) as other_pence
from care_in_year
where ended_on is not null
    and (activity_date < {first_day} or ended_on > {last_day})
    and service_line not in (select service_line from patient_costs)
group by service_line
union all
select
    care.service_line,
    care.boundary,
    {rule} as rule,
    count(*) as stays,
    cast(sum(care.whole_pence) as bigint) as whole_pence,
    cast(sum(care.our_pence) as bigint) as counted_pence,
    cast(sum(care.whole_pence - care.our_pence) as bigint) as other_pence
from care_in_year as care
left join case_days as cased
    on cased.person_id = care.person_id
    and cased.service_line = care.service_line
    and cased.activity_date = care.activity_date
where care.boundary is not null
    and care.days_counted > 0
    and cased.our_percent is null
    and care.service_line not in (select service_line from patient_costs)
group by care.service_line, care.boundary
