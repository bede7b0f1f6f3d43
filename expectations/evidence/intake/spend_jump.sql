-- needs: spend
-- I05c: the largest place over the (lower) median place of the same commissioner and line; near 1000 one place
-- speaks of another unit than the rest.
with totals as (
    select commissioner, service_line, place, cast(sum(amount_pence) as bigint) as pence
    from spend
    where adjustment is null and financial_year = {base_year}
    group by commissioner, service_line, place
    having sum(amount_pence) > 0
),
lines as (
    select commissioner, service_line, max(pence) / quantile_disc(pence, 0.5) as ratio
    from totals group by commissioner, service_line
)
select max(ratio) as I05c from lines
