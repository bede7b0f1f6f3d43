-- Every record with the outcome of the first rule that holds, and the codes of the rules that mark it.
select
    *,
    {outcome} as outcome,
    {reason} as reason_code,
    concat_ws(';', {marks}) as marks,
    registered_on <= {snapshot} and (first_day_off is null or first_day_off > {snapshot}) as current
from registrations
