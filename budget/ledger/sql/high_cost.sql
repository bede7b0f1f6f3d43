-- People above the stop-loss threshold and what they cost above it, by place; as cells have it, with how many they are.
select
    person.place,
    count(*) as people_over,
    cast(sum(costly.cost_pence - {threshold}) as bigint) as excess_pence,
    cast(
        sum(cast(costly.cost_pence - {threshold} as hugeint) * (costly.cost_pence - {threshold})) as double
    ) as excess_squares
from (select person_id, cost_pence from person_cost where cost_pence > {threshold}) as costly
join population as person using (person_id)
group by person.place
