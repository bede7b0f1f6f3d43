-- needs: baseline_adjustments, baseline_lines
-- B02: what transfers between commissioners leave over, in pence. B22: adjustments listed against adjustments booked.
-- No adjustment at all is a true zero.
select
    abs(coalesce(cast(sum(amount_pence) filter (where adjustment = 'TRANSFER') as bigint), 0)) as B02,
    abs(
        coalesce(cast(sum(amount_pence) as bigint), 0)
        - (select cast(sum(adjustment_pence) as bigint) from baseline_lines)
    ) as B22
from baseline_adjustments
