-- People of month k as known at the end of month m, in the parts of a person that the way of counting gives: a day
-- counts as one of the month's days, a snapshot as one, two snapshots as two halves.
select
    month.month, known.known_month, spell.place, spell.segment, spell.sex, spell.age,
    cast(sum(spell.people * {parts}) as bigint) as parts
from (
    select place, segment, sex, age, from_day, until_day, known_month, known_until, count(*) as people
    from {people}
    group by all
) as spell
join months as month on spell.from_day < month.later_day and spell.until_day > month.first_day
join (select month as known_month from months) as known
    on known.known_month >= month.month and known.known_month >= spell.known_month
    and known.known_month < spell.known_until
group by all
having sum(spell.people * {parts}) <> 0
order by all
