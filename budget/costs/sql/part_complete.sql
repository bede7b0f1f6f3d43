-- Stays that are not wholly within the year of care, by line: what they cost, what of it counts here, and the rest.
select
    service_line,
    {rule} as rule,
    count(*) as stays,
    cast(sum(stay_pence) as bigint) as whole_pence,
    cast(sum(whole_pence) as bigint) as counted_pence,
    cast(sum(stay_pence - whole_pence) as bigint) as other_years_pence
from care_in_year
where ended_on is not null and (activity_date < {first_day} or ended_on > {last_day})
group by service_line
