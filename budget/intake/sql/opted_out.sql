-- Everyone who opted out of uses of their records beyond their own care, under every identifier that they have. One
-- record of the list that says so is enough, whichever of a person's registrations it is.
with flagged as (
    select coalesce(merged.replaced_by, list.person_id) as person_id
    from registered_list as list
    left join person_merges as merged on merged.person_id = list.person_id
    where list.national_opt_out and list.person_id is not null
)
select person_id from flagged
union
select merged.person_id from person_merges as merged join flagged on flagged.person_id = merged.replaced_by
