-- reads: practices, population_base, population_reconciliation, previous_population, previous_population_reconciliation
-- Practices of the earlier run that have nobody now, and the practice that took their people over: the successor that
-- the practices name, else the one at which most of their people are.
with gone as (
    -- a practice that the statement no longer has counts nobody: a true zero
    select before.practice_code, before.closing as people
    from previous_population_reconciliation as before
    left join population_reconciliation as now using (practice_code)
    where before.closing > 0 and coalesce(now.closing, 0) = 0
),
moved as (
    select gone.practice_code, gone.people, now.practice_code as moved_to, count(*) as movers
    from gone
    join previous_population as before using (practice_code)
    join population_base as now on now.person_id = before.person_id
    where now.practice_code is not null
    group by all
),
most as (
    select practice_code, max_by(moved_to, (movers, moved_to)) as moved_to
    from moved
    where 2 * movers >= people
    group by practice_code
)
select
    gone.practice_code,
    gone.people,
    coalesce(said.successor_code, most.moved_to) as taken_over_by,
    said.place,
    home.place as to_place
from gone
left join practices as said using (practice_code)
left join most using (practice_code)
left join practices as home on home.practice_code = coalesce(said.successor_code, most.moved_to)
where coalesce(said.successor_code, most.moved_to) is not null
