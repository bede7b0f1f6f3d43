-- Everyone on a list in the year with their segment: that of the run, for as long as people of their age are in it;
-- nothing for newcomers and for those who have grown out of theirs, who are put into the place's mix by sex and age.
select
    person_id, from_place, segment,
    case when segment is null then sex end as sex,
    case when segment is null then age end as age,
    in_run, place, known_month, known_until, by_death, from_day, until_day
from (
    select
        spell.person_id, run.place as from_place, run.person_id is not null as in_run,
        case when fits.segment is not null or spell.date_of_birth is null then run.segment end as segment,
        spell.sex, spell.age, spell.place, spell.known_month, spell.known_until, spell.by_death, spell.from_day,
        spell.until_day
    from (
        select
            *,
            -- a birth in the year is nought; one that is not known gives no age
            cast(case when date_of_birth is not null then least({oldest}, greatest(0,
                year({first_day}) - year(date_of_birth)
                - cast(month(date_of_birth) * 100 + day(date_of_birth) > month({first_day}) * 100 + day({first_day}) as integer)
            )) end as smallint) as age
        from {spells}
    ) as spell
    left join (select person_id, place, segment from population where basis <> 'unregistered_resident') as run
        on run.person_id = spell.person_id
    left join (select distinct least(age, {oldest}) as age, segment from population) as fits
        on fits.age = spell.age and fits.segment = run.segment
) as person
