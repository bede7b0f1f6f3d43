with places as (select place, financial_year, sum(people) as people from segment_people group by place, financial_year),
growth as (
    select place, financial_year,
        people / nullif(lag(people) over (partition by place order by financial_year), 0) - 1 as rate
    from places
)
select place || ' ' || financial_year as key from growth where rate not between {w04_low} and {w04_high}
