-- Everyone who is counted. Age is completed years at the snapshot; a birthday on the day counts as reached.
-- Member-days run from the later of 1 April and the registration to the day before the person leaves or dies.
select
    person.person_id,
    cast(
        year({snapshot}) - year(person.date_of_birth)
        - cast(
            month(person.date_of_birth) * 100 + day(person.date_of_birth) > month({snapshot}) * 100 + day({snapshot})
            as integer
        ) as smallint
    ) as age,
    person.sex,
    coalesce(practice.place, area.place) as place,
    case when person.outcome = 'counted' then person.practice_code end as practice_code,
    person.lsoa_code,
    area.imd_decile,
    case
        when person.outcome = 'unregistered' then 'unregistered_resident'
        when person.lives_here then 'registered_resident'
        else 'registered_nonresident'
    end as basis,
    coalesce(practice.icb_code, {icb}) as responsible_commissioner,
    person.member_days,
    person.marks as reason_codes
from outcomes as person
left join practices as practice on practice.practice_code = person.practice_code
left join areas as area on area.lsoa_code = person.lsoa_code
where person.outcome in ('counted', 'unregistered')
