select name || ' ' || scope || ' ' || financial_year as key
from assumption_ledger
where try_cast(value as double) < try_cast(low as double) or try_cast(value as double) > try_cast(high as double)
