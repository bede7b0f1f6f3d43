-- Every registration of the later extract as it was known: a row holds from the month in which it was recorded (0 is
-- before the year; a row without that day was known when it happened). Where the first that an extract has of a
-- registration is its end, the registration itself was known from its first day. Who counts is what the rules of the
-- run say, less what depends on the day; days run as in the run.
select * exclude (recorded_on, latest)
from (
    select
        *,
        row_number() over (
            partition by person_id, practice_code, registered_on, known_month
            order by recorded_on desc nulls last, leaves_on nulls last, by_death, sex, date_of_birth nulls last
        ) as latest
    from (
        select
            person_id, practice_code, place, sex, date_of_birth, registered_on, leaves_on, by_death, known_month, recorded_on
        from {counted}
        union all
        select
            person_id, practice_code, place, sex, date_of_birth, registered_on, cast(null as date) as leaves_on,
            false as by_death,
            cast(case
                when registered_on < {first_day} then 0
                else (year(registered_on) - year({first_day})) * 12 + month(registered_on) - month({first_day}) + 1
            end as integer) as known_month,
            cast(null as date) as recorded_on
        from (
            select
                *,
                row_number() over (
                    partition by person_id, practice_code, registered_on order by recorded_on, leaves_on
                ) as earliest
            from {counted}
            where leaves_on is not null and known_month > 0
        ) as ended
        where earliest = 1
    ) as told
    where known_month <= 12
) as news
where latest = 1
