-- Where everyone lives: our lists, other commissioners' lists and no list, against the residents of each district. People
-- of our lists who live elsewhere, or whose area is not known, have rows of their own.
select
    people.lad_code,
    people.place,
    cast(sum(registered_here) as double) as registered_here,
    cast(sum(registered_elsewhere) as double) as registered_elsewhere,
    sum(unregistered) as unregistered,
    max(residents) as residents
from (
    select
        coalesce(area.lad_code, case when record.area_unknown then 'unknown' else 'outside' end) as lad_code,
        area.place,
        cast(sum(record.registered_here) as double) as registered_here,
        cast(sum(record.registered_elsewhere) as double) as registered_elsewhere,
        cast(sum(record.unregistered) as double) as unregistered,
        cast(null as double) as residents
    from (
        select
            area_no,
            area_unknown,
            sum(case when rule in {counted} then weight else 0 end) as registered_here,
            sum(case when rule in {exported} then weight else 0 end) as registered_elsewhere,
            sum(case when rule in {unregistered} then weight else 0 end) as unregistered
        from tallied
        where rule in {base} or rule in {exported} and current and area_no is not null
        group by 1, 2
        having sum(weight) <> 0
    ) as record
    left join area_homes as area on area.area_no = record.area_no
    group by 1, 2
    union all
    select band.lad_code, home.place, 0, 0, sum(band.people order by band.sex, band.age_from), null
    from unregistered_residents as band
    join (select distinct lad_code, place from areas) as home on home.lad_code = band.lad_code
    group by 1, 2
    union all
    select lad_code, place, 0, 0, 0, cast(sum(cast(residents as decimal(20, 6))) as double)
    from resident_estimates
    group by 1, 2
) as people
group by people.lad_code, people.place
