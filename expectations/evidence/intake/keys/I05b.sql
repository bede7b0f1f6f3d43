with gross as (
    select commissioner, cast(sum(amount_pence) as bigint) as pence from spend
    where adjustment is null and financial_year = {base_year}
    group by commissioner
),
control as (
    select
        commissioner,
        case when count(*) filter (where service_line is null) > 0
            then cast(sum(amount_pence) filter (where service_line is null) as bigint)
            else cast(sum(amount_pence) as bigint)
        end as pence
    from spend_control where financial_year = {base_year}
    group by commissioner
)
select commissioner as key
from gross join control using (commissioner)
where abs(log10(nullif(abs(gross.pence), 0) / nullif(abs(control.pence), 0))) > {i05b_max}
