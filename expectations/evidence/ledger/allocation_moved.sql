-- needs: pace_of_change, previous_pace_of_change
-- uses: allocation_moved
-- C12n, C12: how far the allocation of a place has moved since the earlier run, the worst one. No year in common is a true zero.
select coalesce(max(abs(change)), 0) as C12 from allocation_moved
