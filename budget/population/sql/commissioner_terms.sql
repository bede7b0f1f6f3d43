-- Whose care people with a stay were, and from when to when: by the lists that they were on, each as its rule decides, a
-- later registration ending the one before it, as days on the list are counted. Time on no list is what lies between
-- registrations. Two things are no change of commissioner: a child's first list, in its first year, speaks for it since its
-- birth, and a death ends nothing.
select
    person_id,
    commissioner,
    case
        when begins_on = registered_on
            and begins_on = min(begins_on) over (partition by person_id)
            and date_diff('day', date_of_birth, begins_on) between 0 and 365
            then date_of_birth
        else begins_on
    end as begins_on,
    cast(until - interval 1 day as date) as ends_on
from (
    select
        person_id,
        commissioner,
        date_of_birth,
        registered_on,
        greatest(registered_on, term_from, case when at_no_practice then listed_until end) as begins_on,
        least(leaves_on, term_until, next_start, case when at_no_practice then listed_from end) as until
    from (
        select
            *,
            max(case when not at_no_practice then least(coalesce(leaves_on, date '9999-12-31'), next_start) end)
                over (in_time rows between unbounded preceding and current row) as listed_until,
            min(case when not at_no_practice then registered_on end)
                over (in_time rows between 1 following and unbounded following) as listed_from
        from (
            select
                * exclude (later_start, later_at_no_practice),
                case when later_at_no_practice = at_no_practice then later_start end as next_start
            from (
                select
                    record.person_id,
                    record.commissioner,
                    record.date_of_birth,
                    record.registered_on,
                    record.at_no_practice,
                    case when not record.by_death then record.first_day_off end as leaves_on,
                    home.term_from,
                    home.term_until,
                    lag(record.registered_on) over latest_first as later_start,
                    lag(record.at_no_practice) over latest_first as later_at_no_practice
                from (
                    select *, {payer} as commissioner
                    from judged
                    where rule in {dated}
                        and person_id in (
                            select coalesce(merged.replaced_by, activity.person_id)
                            from activity
                            left join person_merges as merged on merged.person_id = activity.person_id
                            where activity.ended_on is not null
                        )
                ) as record
                left join practice_homes as home on home.practice_code = record.listed_code
                window latest_first as (
                    partition by record.person_id
                    order by
                        record.at_no_practice, record.registered_on desc, record.recorded_on desc nulls last,
                        record.practice_code desc, record.date_of_birth nulls last, record.sex,
                        record.lsoa_code nulls last, record.first_day_off nulls last, record.marks, record.rule,
                        record.replaced_id nulls first, record.died_on nulls last
                )
            ) as ranked
        ) as spell
        window in_time as (partition by person_id order by registered_on, at_no_practice)
    ) as timed
) as term
where until is null or until > begins_on
