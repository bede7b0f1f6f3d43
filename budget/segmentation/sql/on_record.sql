-- What stands on record at the snapshot and the scheme counts. What stands under a replaced identifier belongs to the
-- one that survives it, and what stands under both is one condition, with the later of its dates.
select
    coalesce(merged.replaced_by, conditions.person_id) as person_id,
    conditions.condition,
    max(conditions.recorded_on) as recorded_on
from conditions
left join person_merges as merged on merged.person_id = conditions.person_id
where conditions.recorded_on <= {snapshot} and {counted}
group by coalesce(merged.replaced_by, conditions.person_id), conditions.condition
