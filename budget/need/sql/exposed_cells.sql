-- As capped_cells with one cap, for cost a day: d is days on a list in the year of care, and y what a person cost in them.
-- People with the same days are added up first, in whole numbers; y y / d is no whole number, so it is then added in the
-- order of days. Without a day there is no cost a day: such people are left out here, and counted in capped_cells.
select labels.* exclude (cell), summed.*
from (
    select
        cell,
        {by},
        cast(sum(people) as bigint) as people,
        cast(sum(y) as bigint) as y,
        cast(sum(squares) as double) as yy,
        cast(sum(people * care_days) as double) as d,
        cast(sum(people * care_days * care_days) as double) as dd,
        cast(sum(y * care_days) as double) as dy,
        sum(cast(squares as double) / care_days order by care_days) as yy_per_d
    from (
        select
            cell,
            {by},
            cast(care_days as bigint) as care_days,
            count(*) as people,
            cast(sum(kept) as hugeint) as y,
            cast(sum(cast(kept as hugeint) * kept) as hugeint) as squares
        from (select *, least(cost_pence, {cap}) as kept from need_people where {who}) as there
        group by all
    ) as alike
    group by all
) as summed
join cell_labels as labels on labels.cell = summed.cell
order by all
