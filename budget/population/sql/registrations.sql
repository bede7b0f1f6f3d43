-- Every registration record with the facts that the rules ask about, as at the snapshot.
-- A closed practice's list belongs to its successor; a replaced identifier to the one that survives it.
-- Nobody leaves before they join: a record that ends before it starts has no end (RC7), and a death before it ends it
-- at once. Where only the month or the year of a death is known, it counts as the 15th or as 1 July (RC3).
-- Days of the base year run from the later of its first day and the registration to the day before the person leaves
-- or dies, while the practice belongs to the ICB that it has at the snapshot. Days of the year of care run alike.
select
    * exclude (leaves_on, term_from, term_until),
    case when leaves_on is not null then greatest(leaves_on, registered_on) end as first_day_off,
    greatest(registered_on, {first_day}, term_from) as days_from,
    least(leaves_on, {day_after}, term_until) as days_until,
    greatest(registered_on, {care_first_day}, term_from) as care_from,
    least(leaves_on, {care_day_after}, term_until) as care_until,
    -- a list elsewhere is not ours to pay for because the person lives here, even where nobody knows whose it is
    case when at_no_practice then resident_commissioner else registered_commissioner end as icb_code
from (
    select
        coalesce(merged.replaced_by, list.person_id) as person_id,
        case when merged.replaced_by is not null then list.person_id end as replaced_id,
        list.practice_code as listed_code,
        coalesce(home.counted_code, list.practice_code) as practice_code,
        -- 0 is a practice that nobody knows; people at no practice have no number
        case
            when home.practice_no is null and list.practice_code not in ('V81997', 'V81998', 'V81999') then 0
            else home.practice_no
        end as practice_no,
        home.place as practice_place,
        area.area_no,
        area.place as area_place,
        area.imd_decile,
        list.sex,
        list.date_of_birth,
        list.lsoa_code,
        list.registered_on,
        case
            when list.deregistered_on < list.registered_on then list.died_on
            else least(list.died_on, cast(list.deregistered_on + interval 1 day as date))
        end as leaves_on,
        list.died_on,
        list.recorded_on,
        list.fp69_on,
        home.term_from,
        home.term_until,
        home.icb_code as registered_commissioner,
        case when area.lsoa_code is not null then {icb} end as resident_commissioner,
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
        list.practice_code in ('V81998', 'V81999') as unknown_practice,
        list.practice_code in ('V81997', 'V81998', 'V81999') as at_no_practice,
        home.icb_code is not null and home.icb_code = {icb} as registered_here,
        area.lsoa_code is not null as lives_here,
        list.lsoa_code is null as area_unknown,
        -- a record without flags has none of them
        coalesce(contains(list.marked, ';test_patient;'), false) as flag_test_patient,
        coalesce(contains(list.marked, ';overseas;'), false) as flag_overseas,
        coalesce(contains(list.marked, ';armed_forces;'), false) as flag_armed_forces,
        coalesce(contains(list.marked, ';prison;'), false) as flag_prison,
        coalesce(contains(list.marked, ';fp69;'), false) as flag_fp69,
        coalesce(contains(list.marked, ';no_fixed_abode;'), false) as flag_no_fixed_abode
    from (
        select
            * exclude (died_on),
            case
                when died_precision = 'month' then make_date(year(died_on), month(died_on), 15)
                when died_precision = 'year' then make_date(year(died_on), 7, 1)
                else died_on
            end as died_on,
            case when flags is not null then ';' || replace(flags, ' ', '') || ';' end as marked
        from {list}
    ) as list
    left join person_merges as merged on merged.person_id = list.person_id
    left join practice_homes as home on home.practice_code = list.practice_code
    left join area_homes as area on area.lsoa_code = list.lsoa_code
) as record
