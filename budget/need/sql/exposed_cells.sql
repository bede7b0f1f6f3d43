-- As capped_cells with one cap, for cost a day: d is days on a list in the year of care, and y what a person cost in them.
-- y y / d is no whole number, so it is added in order. Without a day there is no cost a day: such people are left out
-- here, and counted in capped_cells.
select labels.* exclude (cell), summed.*
from (
    select
        cell,
        {by},
        count(*) as people,
        cast(sum(kept) as bigint) as y,
        cast(sum(cast(kept as hugeint) * kept) as double) as yy,
        cast(sum(care_days) as double) as d,
        cast(sum(cast(care_days as bigint) * care_days) as double) as dd,
        cast(sum(cast(kept as hugeint) * care_days) as double) as dy,
        sum(cast(kept as double) * kept / care_days order by kept, care_days) as yy_per_d
    from (select *, least(cost_pence, {cap}) as kept from need_people where {who}) as there
    group by all
) as summed
join cell_labels as labels on labels.cell = summed.cell
order by all
