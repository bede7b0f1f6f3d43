-- One pass over people: one row a combination of covariates and of what stands beside them (place and fold, or practice),
-- with people, users, cost and squared cost, and cost up to and above every cap. Whole sums, so that they are the same on
-- every engine, in every order; squares need HUGEINT. A cell of one person is that person.
select labels.* exclude (cell), summed.*
from (
    select
        cell,
        {by},
        count(*) as people,
        count(*) filter (where cost_pence > 0) as positives,
        cast(sum(cost_pence) as bigint) as y,
        cast(sum(cast(cost_pence as hugeint) * cost_pence) as double) as yy,
        {caps}
    from need_people
    group by all
) as summed
join cell_labels as labels on labels.cell = summed.cell
order by all
