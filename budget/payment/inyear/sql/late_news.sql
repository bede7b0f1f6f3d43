-- News that came after a month: per person, what was known of month k at the end of statement month m less what was
-- known the month before, by kind. A loss is a death where the person is known to have died, else a leaver.
select
    statement_month, month, place, segment, sex, age,
    case when parts > 0 then 'joiner' when died then 'death' else 'leaver' end as kind,
    cast(sum(parts) as bigint) as parts
from (
    select person_id, statement_month, month, place, segment, sex, age, bool_or(died) over person as died, parts
    from (
        select
            spell.person_id, change.statement_month, month.month, spell.place, spell.segment, spell.sex, spell.age,
            bool_or(spell.by_death and change.sign > 0) as died,
            cast(sum(change.sign * {parts}) as bigint) as parts
        from {people} as spell
        cross join lateral (
            values (spell.known_month, 1), (spell.known_until, -1)
        ) as change(statement_month, sign)
        join months as month on month.month < change.statement_month
        where change.statement_month between 2 and {last_month}
        group by all
    ) as moved
    window person as (partition by person_id, statement_month)
) as news
where parts <> 0
group by all
order by all
