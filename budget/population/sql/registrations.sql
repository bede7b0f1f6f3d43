-- Every registration record with the facts that the rules ask about, as at the snapshot.
-- A closed practice's list belongs to its successor; a merged identifier to the one that survives.
select
    coalesce(merged.survivor, list.person_id) as person_id,
    coalesce(practice.successor_code, list.practice_code) as practice_code,
    list.sex,
    list.date_of_birth,
    list.lsoa_code,
    list.registered_on,
    case
        when list.deregistered_on < list.registered_on then list.died_on
        else least(list.died_on, cast(list.deregistered_on + 1 as date))
    end as first_day_off,
    list.died_on,
    list.identifier_valid,
    list.registration_type = 'regular' as regular,
    list.registration_type = 'left' and list.deregistered_on is null as left_without_end,
    list.died_on is not null and list.died_on <= {snapshot} as died,
    list.deregistered_on is not null and list.deregistered_on >= list.registered_on and list.deregistered_on < {snapshot} as has_left,
    list.deregistered_on is not null and list.deregistered_on < list.registered_on as ends_before_start,
    list.registered_on > {snapshot} as starts_later,
    list.date_of_birth is null as birth_unknown,
    list.practice_code = 'V81997' as on_no_list,
    practice.practice_code is not null and practice.icb_code = {icb} as registered_here,
    area.lsoa_code is not null as lives_here,
    contains(';' || coalesce(list.flags, '') || ';', ';test_patient;') as flag_test_patient,
    contains(';' || coalesce(list.flags, '') || ';', ';overseas;') as flag_overseas,
    contains(';' || coalesce(list.flags, '') || ';', ';armed_forces;') as flag_armed_forces,
    contains(';' || coalesce(list.flags, '') || ';', ';prison;') as flag_prison,
    contains(';' || coalesce(list.flags, '') || ';', ';fp69;') as flag_fp69
from registered_list as list
left join survivors as merged on merged.person_id = list.person_id
left join practices as practice on practice.practice_code = list.practice_code
left join areas as area on area.lsoa_code = list.lsoa_code
