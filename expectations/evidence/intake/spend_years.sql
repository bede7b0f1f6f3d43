-- needs: spend
-- I12: rows of gross spend of the base year; without any there is nothing to budget from.
select count(*) as I12
from spend
where adjustment is null and financial_year = {base_year}
