-- Every record with its final outcome: of several counted records of a person all but one are duplicates (RC9).
select
    judged.* exclude (outcome, reason_code),
    case when judged.outcome = 'counted' and not is_kept then 'excluded' else judged.outcome end as outcome,
    case when judged.outcome = 'counted' and not is_kept then {duplicate} else judged.reason_code end as reason_code
from (
    select
        judged.*,
        kept.person_id is not null
            and row_number() over (
                partition by judged.person_id, judged.registered_on, judged.practice_code, judged.outcome
                order by judged.date_of_birth nulls last, judged.sex, judged.lsoa_code nulls last, judged.marks
            ) = 1 as is_kept
    from judged
    left join kept
        on kept.person_id = judged.person_id
        and kept.registered_on = judged.registered_on
        and kept.practice_code = judged.practice_code
) as judged
