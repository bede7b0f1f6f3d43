-- Days on a list in the base year, of everyone who was on one: people who join, are born, leave or die in the year count
-- for their days, beside the people of the snapshot. Days that other commissioners pay for stand by commissioner alone.
-- A birth that is not known has no band; one after the snapshot is in the first.
select
    commissioner,
    case when commissioner = {icb} then place end as place,
    case when commissioner = {icb} then practice_code end as practice_code,
    substr('FMIU', cast(sex_no as integer), 1) as sex,
    age_from,
    cast(sum(people) as bigint) as people,
    cast(sum(days) as bigint) as member_days,
    cast(sum(days) as bigint) / cast({days} as double) as average_people
from (
    select
        coalesce({named_commissioner}, practice.icb_code, case when area.place is not null then {icb} end) as commissioner,
        coalesce(practice.place, area.place) as place,
        practice.practice_code,
        record.sex_no,
        record.age_from,
        record.people,
        record.days
    from (
        select
            practice_no,
            case when practice_no is null then area_no end as area_no,
            judged_rule,
            sex_no,
            case when age is not null then cast(least(95, greatest(0, age)) // 5 * 5 as smallint) end as age_from,
            cast(sum(case when rule in {base} then weight else 0 end) as bigint) as people,
            cast(sum(list_days * weight) as bigint) as days
        from tallied
        where list_days > 0 or rule in {base}
        group by 1, 2, 3, 4, 5
        having sum(weight) <> 0 or sum(list_days * weight) <> 0
    ) as record
    left join practice_list as practice on practice.practice_no = record.practice_no
    left join area_homes as area on area.area_no = record.area_no
) as stay
group by 1, 2, 3, 4, 5
having sum(people) <> 0 or sum(days) <> 0
