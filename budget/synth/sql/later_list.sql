-- A later extract of a list: everyone on it, some of whom die, leave or move to another practice in the months that are
-- drawn, and newcomers under numbers of their own: those who move in, babies, and the babies of the year before. News is recorded days or weeks after it
-- happened, and what was not recorded by the last day is not in the extract. Chance is a hash of the identifier and seed.
with listed as (
    select
        *,
        (hash(person_id || practice_code || {seed}) % 1000000) / 1e6 as luck,
        cast(hash(person_id || 'day' || {seed}) % {days} as integer) as happens,
        cast(least(75, -12 * ln(1 - (hash(person_id || 'lag' || {seed}) % 999983) / 1e6)) as integer) as lag
    from {list}
    where registered_on < {first_day}
),

drawn as (
    select
        * exclude (luck, happens, lag),
        cast({first_day} + to_days(happens) as date) as event_day,
        cast({first_day} + to_days(happens + lag) as date) as news_day,
        case
            when deregistered_on is not null or died_on is not null or registration_type <> 'regular' then 'none'
            when luck < {year} * least(0.25, 0.0004 * exp(0.085 * greatest(0, year({first_day}) - year(date_of_birth) - 30)))
                then 'dies'
            when luck > 1 - 0.03 * {year} then 'leaves'
            when luck > 1 - 0.07 * {year} then 'moves'
            when luck > 1 - 0.105 * {year} then 'brings'
            when luck > 1 - 0.118 * {year} then 'bears'
            when luck > 1 - 0.118 * {year} - {born_before} then 'bore'
            else 'none'
        end as fate
    from listed
),

practice as (select practice_code, row_number() over (order by practice_code) - 1 as number from (select distinct practice_code from {homes}))

select
    person_id, practice_code, sex, date_of_birth, lsoa_code, registered_on,
    case when fate in ('leaves', 'moves') and news_day <= {last_day} then event_day else deregistered_on end as deregistered_on,
    case when fate = 'dies' and news_day <= {last_day} then event_day else died_on end as died_on,
    registration_type, flags,
    case when fate in ('dies', 'leaves', 'moves') and news_day <= {last_day} then news_day else registered_on end as recorded_on
from drawn
union all
select
    drawn.person_id, practice.practice_code, drawn.sex, drawn.date_of_birth, drawn.lsoa_code, drawn.event_day + 1, null, null,
    drawn.registration_type, drawn.flags, drawn.news_day
from drawn
join practice on practice.number = hash(drawn.person_id || 'to' || {seed}) % (select count(*) from practice)
where drawn.fate = 'moves' and drawn.news_day <= {last_day}
union all
select
    newcomer.person_id, parent.practice_code, parent.sex,
    case when parent.fate = 'brings' then parent.date_of_birth else parent.since end,
    parent.lsoa_code, parent.since, null, null, parent.registration_type, null,
    case when parent.fate = 'bore' then parent.since else parent.news_day end
from (
    select
        *,
        case when fate = 'bore' then cast({first_day} - 1 - cast(hash(person_id || 'born') % 365 as integer) as date) else event_day end
            as since,
        row_number() over (order by person_id, practice_code) as number
    from drawn
    where (fate = 'bore' or fate in ('brings', 'bears') and news_day <= {last_day}) and date_of_birth is not null
) as parent
join newcomers as newcomer on newcomer.number = parent.number
