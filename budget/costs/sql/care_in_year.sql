-- The part of every stay that counts from one day to another, and what of it falls on our days; a person of whom no
-- commissioner is known is ours throughout, and care for everyone present is ours whoever is there (RC18). Cost up to a day
-- is rounded half up, so the parts of adjoining years add up to the whole, to the penny.
select
    care.person_id,
    care.service_line,
    care.activity_date,
    care.ended_on,
    care.provider_code,
    care.price_year,
    care.stay_pence,
    care.days_counted,
    ours.boundary,
    care.units * care.days_counted / care.days as units,
    care.units * case when ours.person_id is null then care.days_counted else ours.our_days end / care.days as our_units,
    care.whole_pence,
    case when ours.person_id is null then care.whole_pence else ours.our_pence end as our_pence
from (
    select
        *,
        days_until - days_before as days_counted,
        (2 * stay_pence * days_until + days) // (2 * days) - (2 * stay_pence * days_before + days) // (2 * days) as whole_pence
    from {stays}
) as care
left join {our_days} as ours
    on ours.person_id = care.person_id
    and ours.activity_date = care.activity_date
    and ours.ended_on = care.ended_on
    and ours.stay_pence is not distinct from care.stay_pence
    and not ({hosted})
