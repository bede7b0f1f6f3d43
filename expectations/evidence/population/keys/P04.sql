select practice_code as key
from population_reconciliation
where abs(closing - published) >= {p04_people}
    and (published = 0 or abs(closing - published) / nullif(published, 0) >= {p04_share})
