-- needs: segment_people
-- W04: places and years whose people grow or shrink by more than is likely.
with places as (select place, financial_year, sum(people) as people from segment_people group by place, financial_year),
growth as (
    select place, financial_year,
        people / nullif(lag(people) over (partition by place order by financial_year), 0) - 1 as rate
    from places
)
select count(*) filter (where rate not between {w04_low} and {w04_high}) as W04 from growth
