-- needs: cells, need_model_lines, person_line_cost
-- W32: cost in the cells of each stream, capped and excess, against what persons cost on its lines, in pence; a stream
-- without cells, or without lines, holds nothing.
with held as (
    select stream, cast(sum(y + excess_pence) as bigint) as pence from cells where stream <> 'all' group by stream
),
spent as (
    select lines.stream, cast(sum(cost.cost_pence) as bigint) as pence
    from person_line_cost as cost join need_model_lines as lines using (service_line)
    group by lines.stream
)
select max(abs(coalesce(held.pence, 0) - coalesce(spent.pence, 0))) as W32
from held full join spent using (stream)
