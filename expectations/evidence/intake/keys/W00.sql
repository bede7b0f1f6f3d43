with listed as (
    select practice_code, successor_code from practices
    where icb_code = {icb} and practice_code in (
        select practice_code from registered_list
        where registered_on <= {snapshot} and (deregistered_on is null or deregistered_on >= {snapshot})
    )
),
wanted as (select *, unnest(list_value{budget_years}) as financial_year from listed),
weights as (select practice_code, financial_year from published_weights where stream = 'core')
select wanted.practice_code || ' ' || wanted.financial_year as key
from wanted
where not exists (
    from weights
    where weights.financial_year = wanted.financial_year
        and weights.practice_code in (wanted.practice_code, wanted.successor_code)
)
