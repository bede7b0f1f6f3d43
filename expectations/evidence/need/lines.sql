-- needs: need_by_line, need_weights
-- W31: lines that are not weighed once in every place, and years in which the lines' shares of spend do not add up to one.
with places as (select count(distinct place) as places from need_weights),
lines as (
    select financial_year, service_line, count(*) as written, count(distinct place) as weighed,
        min(share_of_spend) as share, max(share_of_spend) as most
    from need_by_line
    group by financial_year, service_line
),
totals as (select abs(sum(share) - 1) as off from lines group by financial_year)
select
    (select count(*) from lines cross join places where written <> places or weighed <> places or share <> most)
    + (select count(*) from totals where off > {w31_rounding}) as W31
