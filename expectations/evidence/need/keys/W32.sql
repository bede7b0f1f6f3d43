with held as (
    select stream, cast(sum(y + excess_pence) as bigint) as pence from cells where stream <> 'all' group by stream
),
spent as (
    select lines.stream, cast(sum(cost.cost_pence) as bigint) as pence
    from person_line_cost as cost join need_model_lines as lines using (service_line)
    group by lines.stream
)
select stream as key from held full join spent using (stream) where held.pence is distinct from spent.pence
