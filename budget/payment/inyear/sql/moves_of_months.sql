-- People of the run who are on a list of another place in month k, as known at the end of month m.
select
    month.month, known.known_month, spell.from_place, spell.place as to_place, spell.segment, spell.sex, spell.age,
    cast(sum({parts}) as bigint) as parts
from {people} as spell
join months as month on spell.from_day < month.later_day and spell.until_day > month.first_day
join (select month as known_month from months) as known
    on known.known_month >= month.month and known.known_month >= spell.known_month
    and known.known_month < spell.known_until
where spell.from_place <> spell.place
group by all
having sum({parts}) <> 0
order by all
