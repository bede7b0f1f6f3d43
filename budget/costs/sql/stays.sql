-- Which days of a stay count from one day to another: those before its end less those before its beginning. By admission
-- and by discharge a stay is one day, that of the rule. What has no day of discharge counts whole.
select
    stay.*,
    case
        when ended_on is null then 0
        else least(days, greatest(0, date_diff('day', counted_from, {first_day})))
    end as days_before,
    case
        when ended_on is null then 1
        else least(days, greatest(0, date_diff('day', counted_from, {last_day}) + 1))
    end as days_until
from (
    select
        care.*,
        case when ended_on is not null and {rule} = 'discharge' then ended_on else activity_date end as counted_from,
        case
            when ended_on is null or {rule} <> 'days' then 1
            else date_diff('day', activity_date, ended_on) + 1
        end as days
    from care
) as stay
