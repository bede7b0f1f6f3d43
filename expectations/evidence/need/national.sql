-- needs: published_weights
-- W01: weighted people against people, the worst year and stream, where the whole of England is given; a file of some
-- practices only has nothing to add up to.
with england as (
    select sum(weighted_population) - sum(population) as difference
    from published_weights
    group by financial_year, stream
    having count(*) >= {w01_practices}
)
select max(abs(difference)) as W01 from england
