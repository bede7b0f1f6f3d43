-- What was known of every person, from one month in which something new was known to the next: the latest version of
-- each registration, a later registration ending the one before it, so that a day is counted once. Days are those of
-- the year; a spell that lay before it is no more than the reason why nobody is there.
select
    person_id, place, sex, date_of_birth, known_month, known_until, by_death,
    greatest(registered_on, {first_day}) as from_day,
    least(leaves_on, next_start, {horizon}) as until_day
from (
    select
        *,
        lead(registered_on) over (partition by person_id, known_month order by registered_on, practice_code) as next_start
    from (
        select
            epoch.known_month, epoch.known_until, news.* exclude (known_month),
            row_number() over (
                partition by news.person_id, epoch.known_month, news.practice_code, news.registered_on
                order by news.known_month desc
            ) as latest
        from (
            select
                person_id, known_month,
                lead(known_month, 1, 13) over (partition by person_id order by known_month) as known_until
            from (select distinct person_id, known_month from {news}) as told
        ) as epoch
        join {news} as news on news.person_id = epoch.person_id and news.known_month <= epoch.known_month
    ) as known
    where latest = 1
) as spell
where registered_on < {horizon}
