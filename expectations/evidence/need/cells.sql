-- needs: cells, population, person_cost
-- W27: people in the cells of each model against people counted.
-- W28: cost in the cells of whole cost, capped and excess, against the cost of people counted, in pence.
-- People are compared by a 64-bit hash, which halves the time.
with held as (select stream, cast(sum(people) as bigint) as people from cells group by stream)
select
    (select max(abs(held.people - counted.people)) from held, (select count(*) as people from population) as counted) as W27,
    abs(
        (select cast(sum(y + excess_pence) as bigint) from cells where stream = 'all')
        - (
            select cast(sum(cost_pence) as bigint) from person_cost
            where hash(person_id) in (select hash(person_id) from population)
        )
    ) as W28
