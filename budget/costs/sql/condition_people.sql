-- People with a condition of each budget that is for people with conditions, at the snapshot. What stands under a replaced
-- identifier belongs to the one that survives it.
select coalesce(merged.replaced_by, conditions.person_id) as person_id, {flags}
from conditions
left join person_merges as merged on merged.person_id = conditions.person_id
where conditions.recorded_on <= {snapshot} and conditions.condition in {conditions}
group by coalesce(merged.replaced_by, conditions.person_id)
