-- What each way of meeting list inflation would make of every band's list; nobody is removed by it.
-- none: the list as it is. scale_to_resident: towards the residents, within bounds; people of unknown sex or age, and
-- bands without an estimate, as their place; nothing where the place has no estimate either. exclude_fp69: without those
-- whose removal has been pending long enough.
with bands as (
    select
        practice.place,
        substr('FMIU', cast(record.sex_no as integer), 1) as sex,
        record.age_from,
        cast(sum(record.people) as bigint) as people,
        cast(sum(record.pending) as bigint) as pending,
        cast(sum(record.undated) as bigint) as undated
    from (
        select
            practice_no,
            sex_no,
            case when age is not null then cast(least(95, greatest(0, age)) // 5 * 5 as smallint) end as age_from,
            sum(weight) as people,
            sum(case when long_pending then weight else 0 end) as pending,
            sum(case when pending_undated then weight else 0 end) as undated
        from tallied
        where rule in {counted}
        group by 1, 2, 3
        having sum(weight) <> 0
    ) as record
    join practice_list as practice on practice.practice_no = record.practice_no
    group by 1, 2, 3
),
ratios as (
    select
        place, sex, age_from,
        cast(sum(cast(residents as decimal(20, 6))) as double) / nullif(cast(sum(cast(list_people as decimal(20, 6))) as double), 0) as ratio
    from list_against_residents
    where residents is not null
    group by grouping sets ((place, sex, age_from), (place))
)
select 'none' as adjustment, place, sex, age_from, cast(people as double) as people, cast(people as double) as adjusted_people
from bands
union all
select
    'scale_to_resident', band.place, band.sex, band.age_from, cast(band.people as double),
    case
        when coalesce(own.ratio, whole.ratio) is not null
            then band.people * least({scale_hi}, greatest({scale_lo}, coalesce(own.ratio, whole.ratio)))
    end
from bands as band
left join ratios as whole on whole.place = band.place and whole.sex is null
left join ratios as own on own.place = band.place and own.sex = band.sex and own.age_from = band.age_from
union all
select 'exclude_fp69', place, sex, age_from, cast(people as double), cast(people - pending as double)
from bands
where {fp69_months} = 0 or (select sum(undated) from bands) = 0
