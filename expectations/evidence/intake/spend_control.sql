-- needs: spend, spend_control
-- I05b: orders of magnitude between gross spend and the ledger, the worst commissioner; 3 is pounds for thousands.
-- A commissioner's ledger total is the row without a line, or the sum of its lines where there is no such row.
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
select max(abs(log10(nullif(abs(gross.pence), 0) / nullif(abs(control.pence), 0)))) as I05b
from gross join control using (commissioner)
