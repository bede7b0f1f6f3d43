-- needs: need_weights
-- W23: places and years whose target does not rest on exactly one method. W25: weights in use that are not positive.
-- W26: how far the indices of one method, stream and year disagree with weighted people a head (relative to another).
with methods as (
    select financial_year, place, count(distinct method) filter (where used) as methods
    from need_weights group by financial_year, place
),
ratios as (
    select financial_year, method, stream, need_index * population / nullif(weighted_people, 0) as ratio
    from need_weights
),
spread as (select max(ratio) / nullif(min(ratio), 0) - 1 as spread from ratios group by financial_year, method, stream)
select
    (select count(*) filter (where methods <> 1) from methods) as W23,
    (
        select count(*) from need_weights
        where used and not (weighted_people > 0 and population > 0 and isfinite(weighted_people))
    ) as W25,
    (select max(abs(spread)) from spread) as W26
