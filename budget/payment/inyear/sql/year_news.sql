-- Every registration of the later extract as it was known: a row holds from the month in which it was recorded (0 is
-- before the year; a row without that day was known when it happened). Where the first that an extract has of a
-- registration is its end, the registration itself was known from its first day. Who counts is what the rules of the
-- run say, less what depends on the day; days run as in the run.
select
    * exclude (recorded_on)
from (
    select
        person_id, practice_code, place, sex, date_of_birth, registered_on, leaves_on, by_death, known_month, recorded_on
    from {counted}
    union all
    select
        person_id, practice_code, place, sex, date_of_birth, registered_on, cast(null as date), false,
        cast(case when registered_on < {first_day} then 0 else date_diff('month', {first_day}, registered_on) + 1 end as integer),
        cast(null as date)
    from {counted}
    where leaves_on is not null and known_month > 0
    qualify row_number() over (partition by person_id, practice_code, registered_on order by recorded_on, leaves_on) = 1
) as news
where known_month <= 12
qualify row_number() over (
    partition by person_id, practice_code, registered_on, known_month
    order by recorded_on desc nulls last, leaves_on nulls last, by_death, sex, date_of_birth nulls last
) = 1
