-- The price of each currency in the last year, up to the base year, in which it has one. A department has its own price,
-- else that of the currency without a department; a currency with one price needs no department.
select
    wanted.service_line,
    wanted.currency_code,
    wanted.department,
    offered.financial_year as price_year,
    min(offered.unit_price_pence) as unit_price_pence
from wanted_prices as wanted
join (
    select currency_code, max(financial_year) as financial_year
    from prices
    where financial_year <= {base_year}
    group by currency_code
) as latest on latest.currency_code = wanted.currency_code
join prices as offered
    on offered.currency_code = latest.currency_code and offered.financial_year = latest.financial_year
left join (
    select distinct financial_year, currency_code, department from prices where department is not null
) as own
    on own.financial_year = offered.financial_year
    and own.currency_code = offered.currency_code
    and own.department = wanted.department
where wanted.department is null
    or offered.department = wanted.department
    or (offered.department is null and own.department is null)
group by wanted.service_line, wanted.currency_code, wanted.department, offered.financial_year
having count(*) = 1
