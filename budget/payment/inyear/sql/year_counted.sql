-- The registrations of the later extract that count by the rules of the run, less what depends on the day: deaths, ends
-- and beginnings are days here, and decide month by month. Nobody leaves before they join; where only the month or the
-- year of a death is known, it counts as the 15th or as 1 July.
select
    person_id, practice_code, place, sex, date_of_birth, registered_on, recorded_on,
    case when leaves_on is not null then greatest(leaves_on, registered_on) end as leaves_on,
    coalesce(died_on <= leaves_on, false) as by_death,
    cast(case
        when recorded_on is null or recorded_on < {first_day} then 0
        else (year(recorded_on) - year({first_day})) * 12 + month(recorded_on) - month({first_day}) + 1
    end as integer) as known_month
from (
    select
        *,
        case
            when deregistered_on < registered_on then died_on
            else least(died_on, cast(deregistered_on + interval 1 day as date))
        end as leaves_on
    from (
        select
            coalesce(merged.replaced_by, list.person_id) as person_id,
            list.practice_code, home.place, list.sex, list.date_of_birth, list.registered_on, list.deregistered_on,
            list.recorded_on,
            case
                when list.died_precision = 'month' then make_date(year(list.died_on), month(list.died_on), 15)
                when list.died_precision = 'year' then make_date(year(list.died_on), 7, 1)
                else list.died_on
            end as died_on,
            -- the facts that the rules ask about; those of the day are asked month by month
            list.identifier_valid,
            list.registration_type in ('regular', 'left') as regular,
            list.registration_type = 'left' and (list.deregistered_on is null or list.deregistered_on < list.registered_on)
                as left_without_end,
            false as died, false as has_left, false as starts_later, false as ends_before_start,
            list.date_of_birth is null as birth_unknown,
            list.practice_code = 'V81997' as on_no_list,
            list.practice_code in ('V81998', 'V81999') as unknown_practice,
            home.place is not null as registered_here,
            -- people on no list stay as planned, so where anybody lives decides nothing here
            false as lives_here, list.lsoa_code is null as area_unknown,
            coalesce(contains(list.marked, ';test_patient;'), false) as flag_test_patient,
            coalesce(contains(list.marked, ';overseas;'), false) as flag_overseas,
            coalesce(contains(list.marked, ';armed_forces;'), false) as flag_armed_forces,
            coalesce(contains(list.marked, ';prison;'), false) as flag_prison,
            coalesce(contains(list.marked, ';fp69;'), false) as flag_fp69,
            coalesce(contains(list.marked, ';no_fixed_abode;'), false) as flag_no_fixed_abode
        from (
            select *, case when flags is not null then ';' || replace(flags, ' ', '') || ';' end as marked
            from later_list
        ) as list
        left join later_merges as merged on merged.person_id = list.person_id
        left join list_homes as home on home.practice_code = list.practice_code
    ) as record
    where {rule} in {counts}
) as record
