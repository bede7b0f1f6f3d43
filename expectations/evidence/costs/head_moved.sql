-- needs: baseline_lines, segment_people, previous_baseline_lines, previous_segment_people
-- uses: heads_moved
-- B15n, B15: how far the spend a head of a place has moved since the earlier run, the worst one.
select coalesce(max(abs(change)), 0) as B15 from heads_moved
