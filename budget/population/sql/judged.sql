-- Every record with the outcome of the first rule that holds, and the codes of the rules that mark it.
-- Live records are those that can be a person's one current registration.
select
    *,
    current and outcome in ('counted', 'unregistered', 'exported') as live
from (
    select
        person_id, replaced_id, practice_code, sex, date_of_birth, lsoa_code, registered_on, first_day_off, died_on,
        member_days, registered_here, lives_here, at_no_practice,
        {outcome} as outcome,
        {reason} as reason_code,
        concat_ws(';', {marks}) as marks,
        registered_on <= {snapshot} and (first_day_off is null or first_day_off > {snapshot}) as current
    from registrations
) as record
