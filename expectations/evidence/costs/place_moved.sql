-- needs: baseline_lines, previous_baseline_lines
-- uses: spend_moved
-- B13n, B13: how far the spend of a place has moved since the earlier run, the worst one. None moved is a true zero.
select coalesce(max(abs(change)), 0) as B13 from spend_moved where place is not null
