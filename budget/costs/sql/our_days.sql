-- What of the stays of people whose commissioners are known falls on days on which we were theirs, and whether that changed
-- in the stay or was another throughout. Cost up to a day is rounded half up, so our days and those of others add up to the
-- stay, to the penny.
select
    person_id,
    activity_date,
    ended_on,
    stay_pence,
    case
        when sum(days_here) = 0 then 'another_commissioner'
        when sum(days_here) < date_diff('day', activity_date, ended_on) + 1 then 'commissioner'
    end as boundary,
    cast(sum(until - since) as bigint) as our_days,
    cast(sum(
        (2 * stay_pence * until + days) // (2 * days) - (2 * stay_pence * since + days) // (2 * days)
    ) as bigint) as our_pence
from (
    select
        *,
        -- nobody's days are ours where no term of ours meets the stay: a true zero
        case
            when term_begins is null then 0
            else date_diff('day', greatest(activity_date, term_begins), least(ended_on, term_ends)) + 1
        end as days_here,
        case
            when term_begins is null then days_before
            else least(days_until, greatest(days_before, date_diff('day', counted_from, term_begins)))
        end as since,
        case
            when term_begins is null then days_before
            else greatest(days_before, least(days_until, date_diff('day', counted_from, term_ends) + 1))
        end as until
    from (
        select stay.*, term.begins_on as term_begins, coalesce(term.ends_on, stay.ended_on) as term_ends
        from (
            select distinct
                person_id, activity_date, ended_on, stay_pence, counted_from, days, days_before, days_until
            from {stays}
            where ended_on is not null and person_id in (select person_id from commissioner_terms)
        ) as stay
        left join commissioner_terms as term
            on term.person_id = stay.person_id
            and term.commissioner = {icb}
            and term.begins_on <= stay.ended_on
            and (term.ends_on is null or term.ends_on >= stay.activity_date)
    ) as met
) as piece
group by person_id, activity_date, ended_on, stay_pence
