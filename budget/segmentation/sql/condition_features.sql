-- Each person's conditions on record at the snapshot, counted by the lists of the scheme. What stands under a replaced
-- identifier belongs to the one that survives it, and what stands under both is one condition.
select person_id, {counts}
from (
    select distinct coalesce(merged.replaced_by, conditions.person_id) as person_id, condition
    from conditions
    left join person_merges as merged on merged.person_id = conditions.person_id
    where recorded_on <= {snapshot}
) as on_record
group by person_id
