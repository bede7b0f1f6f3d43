-- needs: baseline_lines
-- B08: lines whose normalised baseline is negative.
-- B21: rows where gross and adjustments are not the normalised baseline.
select
    count(*) filter (where normalised_pence < 0) as B08,
    count(*) filter (where gross_pence + adjustment_pence <> normalised_pence) as B21
from baseline_lines
