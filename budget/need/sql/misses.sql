-- How far people's cost is from what the model expects of their cell and their days: figures that sums by cell cannot
-- give, so one more pass. Kept cost (up to the cap, and what the pool leaves above it) and expected cost are in
-- millionths of a penny: whole sums do not depend on the order of people. Squares are of whole pence.
select
    {by},
    count(*) as people,
    cast(sum(cost_pence) as bigint) as whole_pence,
    cast(sum(cast(kept as hugeint)) as double) / 1000000 as kept_pence,
    cast(sum(cast(expected as hugeint)) as double) / 1000000 as expected_pence,
    cast(sum(cast(greatest(kept - expected, expected - kept) as hugeint)) as double) / 1000000 as missed_pence,
    cast(sum(cast(greatest(kept - {mean}, {mean} - kept) as hugeint)) as double) / 1000000 as missed_by_mean_pence,
    cast(sum(cast(kept - expected as hugeint) * (kept - expected)) as double) / 1000000000000 as missed_squares,
    cast(sum(cast(kept as hugeint) * kept) as double) / 1000000000000 as kept_squares,
    cast(sum(cast(cost_pence as hugeint) * cost_pence) as double) as whole_squares,
    cast(sum(cast(cost_pence as hugeint) * expected) as double) / 1000000 as whole_expected,
    cast(sum(cast(expected as hugeint) * expected) as double) / 1000000000000 as expected_squares
from (
    select
        {by},
        cost_pence,
        least(cost_pence, {cap}) * 1000000 + {left} * greatest(cost_pence - {cap}, 0) as kept,
        a_year * care_days // {days} as expected
    from need_people
    join expected_cost using (cell, segment, fold)
) as missed
group by all
order by all
