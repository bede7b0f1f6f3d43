-- Opening list to closing list, record by record:
-- opening + joins + births - deaths - leavers = records current at the snapshot,
-- and those less excluded, duplicates and quarantined are the people counted.
select
    practice.practice_code,
    statement.opening,
    statement.joins,
    statement.births,
    statement.deaths,
    statement.leavers,
    statement.excluded,
    statement.duplicates,
    statement.quarantined,
    statement.closing,
    statement.month_before,
    published.patients as published,
    statement.closing - published.patients as difference
from (
    select
        practice_no,
        cast(sum(case when opening then weight else 0 end) as bigint) as opening,
        cast(sum(case when began and not born then weight else 0 end) as bigint) as joins,
        cast(sum(case when began and born then weight else 0 end) as bigint) as births,
        cast(sum(case when ended and by_death then weight else 0 end) as bigint) as deaths,
        cast(sum(case when ended and not by_death then weight else 0 end) as bigint) as leavers,
        cast(sum(
            case when current and rule not in {counted} and rule not in {quarantined} and rule <> {duplicate} then weight else 0 end
        ) as bigint) as excluded,
        cast(sum(case when current and rule = {duplicate} then weight else 0 end) as bigint) as duplicates,
        cast(sum(case when current and rule in {quarantined} then weight else 0 end) as bigint) as quarantined,
        cast(sum(case when rule in {counted} then weight else 0 end) as bigint) as closing,
        cast(sum(case when month_before then weight else 0 end) as bigint) as month_before
    from tallied
    group by practice_no
) as statement
join practice_list as practice on practice.practice_no = statement.practice_no and practice.icb_code = {icb}
left join (
    select home.practice_no, cast(sum(list.patients) as bigint) as patients
    from published_list as list
    join practice_homes as home on home.practice_code = list.practice_code
    group by home.practice_no
) as published on published.practice_no = statement.practice_no
