-- What was priced, by line and year of the price, and the factor that brought the price to the base year.
select
    factors.service_line,
    factors.price_year,
    {base_year} as base_year,
    factors.years,
    factors.factor,
    count(*) as rows_priced,
    cast(sum(priced.whole_pence) as bigint) as cost_pence
from priced
join price_factors as factors
    on factors.service_line = priced.service_line and factors.price_year = priced.price_year
group by all
