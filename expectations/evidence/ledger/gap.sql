-- needs: funding_gap, pace_of_change
-- C43: places and years whose funding gap does not add up, or is not of their allocation.
select
    count(*) filter (
        where do_nothing_pence <> baseline_pence + demographic_pence + nondemographic_pence + price_pence
        or planned_pence <> do_nothing_pence - efficiency_pence + investment_pence - savings_pence
        or gap_pence <> do_nothing_pence - gap.allocation_pence
        or left_pence <> planned_pence - gap.allocation_pence
        or gap.allocation_pence is distinct from pace.allocation_pence
    ) as C43
from funding_gap as gap left join pace_of_change as pace using (financial_year, place)
