-- needs: activity
-- B11: share of activity without a currency.
select count(*) filter (where currency_code is null) / nullif(count(*), 0) as B11
from activity
