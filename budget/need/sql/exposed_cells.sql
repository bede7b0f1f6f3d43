-- As capped_cells with one cap, for cost a day: d is days on a list in the base year, and y what a person cost in them.
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
        cast(sum(member_days) as double) as d,
        cast(sum(cast(member_days as bigint) * member_days) as double) as dd,
        cast(sum(cast(kept as hugeint) * member_days) as double) as dy,
        sum(cast(kept as double) * kept / member_days order by kept, member_days) as yy_per_d
    from (select *, least(cost_pence, {cap}) as kept from need_people where member_days > 0) as there
    group by all
) as summed
join cell_labels as labels on labels.cell = summed.cell
order by all
