-- Who moved between segments, and why. The rule moved a person whom the old rule would leave where they were; a birthday
-- moved one whom the old rule would leave there at the age of then; what is left is the record, conditions or events.
select from_segment, to_segment, cause, count(*) as people
from (
    select
        before.segment as from_segment,
        after.segment as to_segment,
        case
            when before.person_id is null then 'joined'
            when after.person_id is null then 'left'
            when before.segment = after.segment then 'unchanged'
            when replayed_today.segment = before.segment then 'rule_change'
            when replayed_then.segment = before.segment then 'age_crossing'
            else 'new_condition'
        end as cause
    from previous_population as before
    full join population as after on after.person_id = before.person_id
    left join replayed_today on replayed_today.person_id = after.person_id
    left join replayed_then on replayed_then.person_id = after.person_id
) as moves
group by from_segment, to_segment, cause
