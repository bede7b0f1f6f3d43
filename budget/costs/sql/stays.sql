-- Which days of a stay count in the year of care: those before its end less those before its beginning. By admission
-- and by discharge a stay is one day, that of the rule. What has no day of discharge counts whole.
select
    care.*,
    case
        when care.ended_on is null or {rule} <> 'days' then 1
        else date_diff('day', care.activity_date, care.ended_on) + 1
    end as days,
    case
        when care.ended_on is null then 0
        when {rule} = 'admission' then case when care.activity_date < {first_day} then 1 else 0 end
        when {rule} = 'discharge' then case when care.ended_on < {first_day} then 1 else 0 end
        when care.ended_on < {first_day} then date_diff('day', care.activity_date, care.ended_on) + 1
        else greatest(date_diff('day', care.activity_date, {first_day}), 0)
    end as days_before,
    case
        when care.ended_on is null then 1
        when {rule} = 'admission' then case when care.activity_date <= {last_day} then 1 else 0 end
        when {rule} = 'discharge' then case when care.ended_on <= {last_day} then 1 else 0 end
        when care.ended_on <= {last_day} then date_diff('day', care.activity_date, care.ended_on) + 1
        else greatest(date_diff('day', care.activity_date, {last_day}) + 1, 0)
    end as days_until
from care
