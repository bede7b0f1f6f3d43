-- Spread of what people cost the budget, by place: cost less what the stop-loss pays above its threshold,
-- in ten-thousandths so that arithmetic stays whole. Integer sums (HUGEINT for squares) are the same on every engine.
select
    place,
    count(*) as people,
    cast(sum(kept) as double) as cost,
    cast(sum(cast(kept as hugeint) * kept) as double) as squares
from (
    select
        person.place,
        costs.cost_pence - greatest(costs.cost_pence - {threshold}, 0) * {ten_thousandths} // 10000 as kept
    from population as person
    join person_cost as costs using (person_id)
) as persons
group by place
