-- RC9: of several current registrations of a person one is kept. A practice wins over the codes for having none, then
-- the latest start, then the latest record, then the practice code, then the earlier birth; the rest of the order only
-- makes it total. Two records of one practice under two identifiers are one registration written twice, not a duplicate.
-- Days of the year are counted once: a later registration ends the one before it, and time on no list is what lies
-- between registrations.
select
    record.* exclude (place_in_order, kept_practice, kept_id, rule, list_days, credited),
    cast(case
        when not live or place_in_order = 1 then rule
        when practice_code = kept_practice and replaced_id is distinct from kept_id then {written_twice}
        else {duplicate}
    end as tinyint) as rule,
    credited as list_days,
    list_days as judged_days,
    cast(sum(case when {ours} then credited else 0 end) over (partition by person_id) as integer) as days_here
from (
    select
        * exclude (next_start, listed_until, listed_from),
        max(case when live and place_in_order = 1 then practice_code end) over (partition by person_id) as kept_practice,
        max(case when live and place_in_order = 1 then replaced_id end) over (partition by person_id) as kept_id,
        greatest(0, date_diff(
            'day',
            greatest(days_from, case when at_no_practice then listed_until end),
            least(days_until, next_start, case when at_no_practice then listed_from end)
        )) as credited
    from (
        select
            *,
            max(case when not at_no_practice then least(coalesce(first_day_off, date '9999-12-31'), next_start) end)
                over (in_time rows between unbounded preceding and current row) as listed_until,
            min(case when not at_no_practice then registered_on end)
                over (in_time rows between 1 following and unbounded following) as listed_from
        from (
            select
                * exclude (later_start, later_at_no_practice),
                case when later_at_no_practice = at_no_practice then later_start end as next_start
            from (
                select
                    record.*,
                    sum(case when live then 1 else 0 end)
                        over (latest_first rows between unbounded preceding and current row) as place_in_order,
                    lag(registered_on) over latest_first as later_start,
                    lag(at_no_practice) over latest_first as later_at_no_practice
                from {judged} as record
                where (live or dated) and person_key in (select person_key from contested)
                window latest_first as (
                    partition by person_id
                    order by
                        at_no_practice, registered_on desc, recorded_on desc nulls last, practice_code desc,
                        date_of_birth nulls last, sex, lsoa_code nulls last, first_day_off nulls last, marks, rule,
                        replaced_id nulls first, died_on nulls last
                )
            ) as ranked
        ) as spell
        window in_time as (partition by person_id order by registered_on, at_no_practice)
    ) as timed
) as record
