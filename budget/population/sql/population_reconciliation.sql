-- Opening list to closing list, record by record:
-- opening + joins + births - deaths - leavers = records current at the snapshot,
-- and those less excluded, duplicates and quarantined are the people counted.
select
    statement.practice_code,
    statement.* exclude (practice_code),
    published.patients as published,
    statement.closing - published.patients as difference
from (
    select
        practice_code,
        count(*) filter (where registered_on <= {year_before} and (first_day_off is null or first_day_off > {year_before})) as opening,
        count(*) filter (where began and not born) as joins,
        count(*) filter (where began and born) as births,
        count(*) filter (where ended and by_death) as deaths,
        count(*) filter (where ended and not by_death) as leavers,
        count(*) filter (where current and outcome not in ('counted', 'quarantined') and reason_code <> {duplicate}) as excluded,
        count(*) filter (where current and reason_code = {duplicate}) as duplicates,
        count(*) filter (where current and outcome = 'quarantined') as quarantined,
        count(*) filter (where outcome = 'counted') as closing
    from (
        select
            *,
            registered_on > {year_before} and registered_on <= {snapshot} as began,
            date_of_birth is not null and date_of_birth > {year_before} as born,
            first_day_off is not null and first_day_off > {year_before} and first_day_off <= {snapshot}
                and registered_on <= {snapshot} as ended,
            died_on is not null and died_on <= first_day_off as by_death
        from outcomes
        where registered_here
    ) as record
    group by practice_code
) as statement
left join (
    select coalesce(practice.successor_code, list.practice_code) as practice_code, cast(sum(patients) as bigint) as patients
    from published_list as list
    left join practices as practice on practice.practice_code = list.practice_code
    group by all
) as published on published.practice_code = statement.practice_code
