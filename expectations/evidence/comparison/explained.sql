-- needs: run_diff
-- O06: share of the difference of two runs that no assumption, data or method explains. No difference at all leaves
-- nothing to explain: a true zero.
select
    coalesce(
        sum(abs(difference_pence)) filter (where not explained) / nullif(sum(abs(difference_pence)), 0), 0
    ) as O06
from run_diff
