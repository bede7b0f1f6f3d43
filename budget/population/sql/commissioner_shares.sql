-- RC15 to RC19: whose cost the care of each case is. Our percentage is null where the rules above decide as they do for
-- everybody, and where nobody is known to pay: such a case is counted as unresolved.
select
    person_id, service_line, begins_on, ends_on, rank, reason_code, kind, pays, payer,
    case
        when pays = 'usual' or payer is null then null
        when pays = 'both' then 50
        when payer = {icb} then 100
        else 0
    end as our_percent
from (
    select
        filed.person_id, filed.service_line, filed.begins_on, filed.ends_on,
        rule.rank, rule.reason_code, rule.kind, rule.pays,
        case when rule.pays = 'at_admission' then coalesce(admitted.commissioner, filed.commissioner) else filed.commissioner end as payer
    from (
        select coalesce(merged.replaced_by, case_.person_id) as person_id, case_.* exclude (person_id)
        from commissioner_cases as case_
        left join person_merges as merged on merged.person_id = case_.person_id
    ) as filed
    join (values {case_rules}) as rule(rank, reason_code, kind, pays) on rule.kind = filed.kind
    left join admissions as admitted on admitted.person_id = filed.person_id and admitted.begins_on = filed.begins_on
) as judged_case
