-- Every registration record with the facts that the rules ask about, as at the snapshot.
-- A closed practice's list belongs to its successor; a replaced identifier to the one that survives it.
-- Nobody leaves before they join: a record that ends before it starts has no end (RC7), and a death before it ends it
-- at once. Days on the list in the base year are counted for every record, whether or not its person counts here.
select
    * exclude (leaves_on),
    case when leaves_on is not null then greatest(leaves_on, registered_on) end as first_day_off,
    greatest(0, date_diff(
        'day',
        greatest(registered_on, {first_day}),
        least(coalesce(leaves_on, {day_after}), {day_after})
    )) as member_days
from (
    select
        coalesce(merged.replaced_by, list.person_id) as person_id,
        case when merged.replaced_by is not null then list.person_id end as replaced_id,
        coalesce(practice.successor_code, list.practice_code) as practice_code,
        list.sex,
        list.date_of_birth,
        list.lsoa_code,
        list.registered_on,
        case
            when list.deregistered_on < list.registered_on then list.died_on
            else least(list.died_on, cast(list.deregistered_on + 1 as date))
        end as leaves_on,
        list.died_on,
        list.identifier_valid,
        list.registration_type in ('regular', 'left') as regular,
        list.registration_type = 'left' and (list.deregistered_on is null or list.deregistered_on < list.registered_on)
            as left_without_end,
        list.died_on is not null and list.died_on <= {snapshot} as died,
        list.deregistered_on is not null and list.deregistered_on >= list.registered_on
            and list.deregistered_on < {snapshot} as has_left,
        list.deregistered_on is not null and list.deregistered_on < list.registered_on as ends_before_start,
        list.registered_on > {snapshot} as starts_later,
        list.date_of_birth is null as birth_unknown,
        list.practice_code = 'V81997' as on_no_list,
        list.practice_code in ('V81997', 'V81998', 'V81999') as at_no_practice,
        practice.practice_code is not null and practice.icb_code = {icb} as registered_here,
        area.lsoa_code is not null as lives_here,
        contains(list.marked, ';test_patient;') as flag_test_patient,
        contains(list.marked, ';overseas;') as flag_overseas,
        contains(list.marked, ';armed_forces;') as flag_armed_forces,
        contains(list.marked, ';prison;') as flag_prison,
        contains(list.marked, ';fp69;') as flag_fp69
    -- no flags is a true absence of flags
    from (select *, ';' || replace(coalesce(flags, ''), ' ', '') || ';' as marked from registered_list) as list
    left join person_merges as merged on merged.person_id = list.person_id
    left join practices as practice on practice.practice_code = list.practice_code
    left join areas as area on area.lsoa_code = list.lsoa_code
) as record
