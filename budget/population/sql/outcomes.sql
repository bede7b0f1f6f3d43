-- Every record with its final outcome: as judged, or as settled between several registrations of a person. Days of the
-- year of care are all of a person's; where it is the base year, those of the one are those of the other.
select
    *,
    {outcome} as outcome,
    {reason} as reason_code,
    {payer} as responsible_commissioner
from (
    select
        judged.*,
        case when {ours} then list_days else 0 end as days_here,
        case when {ours} then care_list_days else 0 end as care_days_here
    from judged
    left join contested on contested.person_key = judged.person_key
    where not (live or dated) or contested.person_key is null
    union all by name
    -- nobody's record has days in that year where none of the person's is settled for it: a true zero
    select record.* exclude (judged_days), coalesce(care.days_here, 0) as care_days_here
    from settled as record
    left join (select person_id, max(days_here) as days_here from {care_settled} group by person_id) as care
        on care.person_id = record.person_id
) as record
