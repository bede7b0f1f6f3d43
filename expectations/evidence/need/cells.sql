-- needs: cells, population, person_cost
-- W27: people in the cells against people counted.
-- W28: cost in the cells, capped and excess, against the cost of people counted, in pence.
-- People are compared by a 64-bit hash, which halves the time.
select
    abs((select cast(sum(people) as bigint) from cells) - (select count(*) from population)) as W27,
    abs(
        (select cast(sum(y + excess_pence) as bigint) from cells)
        - (
            select cast(sum(cost_pence) as bigint) from person_cost
            where hash(person_id) in (select hash(person_id) from population)
        )
    ) as W28
