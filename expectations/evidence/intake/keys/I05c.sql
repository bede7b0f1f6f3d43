with totals as (
    select commissioner, service_line, place, cast(sum(amount_pence) as bigint) as pence
    from spend
    where adjustment is null and financial_year = {base_year}
    group by commissioner, service_line, place
    having sum(amount_pence) > 0
)
select commissioner || ' ' || service_line as key
from totals group by commissioner, service_line
having max(pence) / quantile_disc(pence, 0.5) > {i05c_max}
