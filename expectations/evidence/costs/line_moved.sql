-- needs: baseline_lines, previous_baseline_lines
-- uses: spend_moved
-- B14n, B14: how far the spend of a line has moved since the earlier run, the worst one. None moved is a true zero.
select coalesce(max(abs(change)), 0) as B14 from spend_moved where place is null
