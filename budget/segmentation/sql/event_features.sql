-- Each person's events in the look-back windows of the scheme, under the identifier that survives.
select coalesce(merged.replaced_by, activity.person_id) as person_id, {counts}
from activity
left join person_merges as merged on merged.person_id = activity.person_id
where {window}
group by coalesce(merged.replaced_by, activity.person_id)
