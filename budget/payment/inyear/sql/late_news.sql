-- News that came after a month: per person, what was known of month k at the end of statement month m less what was
-- known the month before, by kind. A loss is a death where the person is known to have died, else a leaver.
select
    statement_month, month, place, segment, sex, age,
    case when parts > 0 then 'joiner' when died then 'death' else 'leaver' end as kind,
    cast(sum(parts) as bigint) as parts
from (
    select person_id, statement_month, month, place, segment, sex, age, max(died) over person = 1 as died, parts
    from (
        select
            spell.person_id, spell.statement_month, month.month, spell.place, spell.segment, spell.sex, spell.age,
            max(case when spell.by_death and spell.sign > 0 then 1 else 0 end) as died,
            cast(sum(spell.sign * {parts}) as bigint) as parts
        from (
            select *, known_month as statement_month, 1 as sign from {people}
            union all
            select *, known_until as statement_month, -1 as sign from {people}
        ) as spell
        join months as month on month.month < spell.statement_month
        where spell.statement_month between 2 and {last_month}
        group by all
    ) as moved
    window person as (partition by person_id, statement_month)
) as news
where parts <> 0
group by all
order by all
