select practice_code as key
from population_reconciliation
where abs(closing - published) >= {p04b_people}
    and (published = 0 or abs(closing - published) / nullif(published, 0) >= {p04b_share})
