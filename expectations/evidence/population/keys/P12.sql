select practice_code as key
from population_reconciliation
where abs(closing + excluded + duplicates + quarantined - month_before) >= {p12_people}
    and (
        month_before = 0
        or abs(closing + excluded + duplicates + quarantined - month_before) / nullif(month_before, 0) >= {p12_share}
    )
