-- Everyone who is counted. Member-days are all days of the base year on our lists, at this practice or another of ours;
-- care days are those of the year of care.
select
    person_id,
    age,
    sex,
    coalesce(practice_place, area_place) as place,
    case when rule in {counted} then practice_code end as practice_code,
    lsoa_code,
    imd_decile,
    case
        when rule in {unregistered} then 'unregistered_resident'
        when lives_here then 'registered_resident'
        else 'registered_nonresident'
    end as basis,
    registered_commissioner,
    resident_commissioner,
    responsible_commissioner,
    cast(days_here as smallint) as member_days,
    cast(care_days_here as smallint) as care_days,
    -- most records are touched by no rule
    case
        when marks = 0 and rule in {counted} then ''
        else concat_ws(';', case when rule in {unregistered} then reason_code end, {marks})
    end as reason_codes
from outcomes
where rule in {base}
