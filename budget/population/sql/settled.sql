-- RC9: of several current registrations of a person one is kept. A practice wins over the codes for having none, then
-- the latest start, then the practice code, then the earlier birth; the rest of the order only makes it total.
-- Two records of one practice under two identifiers are one registration written twice, not a duplicate one.
select
    record.* exclude (place_in_order, kept_practice, kept_id, outcome, reason_code),
    case when place_in_order = 1 then outcome else 'excluded' end as outcome,
    case
        when place_in_order = 1 then reason_code
        when practice_code = kept_practice and replaced_id is distinct from kept_id then {merged}
        else {duplicate}
    end as reason_code
from (
    select
        judged.*,
        row_number() over in_order as place_in_order,
        first_value(practice_code) over in_order as kept_practice,
        first_value(replaced_id) over in_order as kept_id
    from judged
    where live and person_id in (select person_id from contested)
    window in_order as (
        partition by person_id
        order by
            at_no_practice, registered_on desc, practice_code desc, date_of_birth nulls last,
            sex, lsoa_code nulls last, first_day_off nulls last, marks, outcome, replaced_id nulls first, died_on nulls last
    )
) as record
