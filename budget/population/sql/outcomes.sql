-- Every record with its final outcome: as judged, or as settled between several registrations of a person.
select
    *,
    {outcome} as outcome,
    {reason} as reason_code,
    {payer} as responsible_commissioner
from (
    select *, case when {ours} then list_days else 0 end as days_here
    from judged
    where not (live or dated) or person_key not in (select person_key from contested)
    union all by name
    select * exclude (judged_days) from settled
) as record
