-- People by practice, sex and age; unregistered estimates, and their low and high, are spread evenly over the ages of
-- their band. People counted one by one have no range.
select
    coalesce(practice.place, area.place) as place,
    practice.practice_code,
    case when record.listed then 'registered' else 'unregistered' end as basis,
    substr('FMIU', cast(record.sex_no as integer), 1) as sex,
    record.age,
    cast(sum(record.people) as double) as people,
    cast(null as double) as low,
    cast(null as double) as high
from (
    select
        practice_no,
        case when rule in {unregistered} then area_no end as area_no,
        rule in {counted} as listed,
        sex_no,
        age,
        cast(sum(weight) as bigint) as people
    from tallied
    where rule in {base}
    group by 1, 2, 3, 4, 5
    having sum(weight) <> 0
) as record
left join practice_list as practice on practice.practice_no = record.practice_no
left join area_homes as area on area.area_no = record.area_no
group by 1, 2, 3, 4, 5
union all
select
    home.place, null, 'unregistered', band.sex, cast(single.age as smallint),
    sum(band.people / (band.age_to - band.age_from + 1) order by band.lad_code),
    sum(band.low / (band.age_to - band.age_from + 1) order by band.lad_code),
    sum(band.high / (band.age_to - band.age_from + 1) order by band.lad_code)
from unregistered_residents as band
join (select distinct lad_code, place from areas) as home on home.lad_code = band.lad_code
join (select cast(age as smallint) as age from unnest(range(0, 151)) as ages(age)) as single
    on single.age between band.age_from and band.age_to
group by home.place, band.sex, single.age
