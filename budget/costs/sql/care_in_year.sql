-- The part of every stay that falls in the year of care. Cost up to a day is rounded half up, so the parts of adjoining
-- years add up to the whole, to the penny.
select
    person_id,
    service_line,
    activity_date,
    ended_on,
    provider_code,
    price_year,
    days,
    stay_pence,
    days_until - days_before as days_counted,
    units * (days_until - days_before) / days as units,
    (2 * stay_pence * days_until + days) // (2 * days) - (2 * stay_pence * days_before + days) // (2 * days) as whole_pence
from stays
