-- Stays in progress when the contract starts: our days of them, whatever the year, what of them is under the contract, and
-- what is under the arrangement before it. A stay that a case decides stands with the cases.
select
    care.service_line,
    'contract_start' as boundary,
    {rule} as rule,
    count(*) filter (where care.side = 'whole') as stays,
    cast(sum(case when care.side = 'whole' then care.our_pence else 0 end) as bigint) as whole_pence,
    cast(sum(case when care.side = 'under' then care.our_pence else 0 end) as bigint) as counted_pence,
    cast(sum(case when care.side = 'whole' then care.our_pence else -care.our_pence end) as bigint) as other_pence
from (
    select person_id, service_line, activity_date, ended_on, our_pence, 'whole' as side from whole_care
    union all
    select person_id, service_line, activity_date, ended_on, our_pence, 'under' as side from care_under_contract
) as care
left join case_days as cased
    on cased.person_id = care.person_id
    and cased.service_line = care.service_line
    and cased.activity_date = care.activity_date
where care.activity_date < {contract_starts_on}
    and care.ended_on >= {contract_starts_on}
    and cased.our_percent is null
    and care.service_line not in (select service_line from patient_costs)
group by care.service_line
