-- needs: segment_summary, previous_segment_summary
-- uses: segments_moved
-- S28n, S28: how far the people of a segment and place have moved since the earlier run, the worst one.
select coalesce(max(abs(change)), 0) as S28 from segments_moved
