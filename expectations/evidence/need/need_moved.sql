-- needs: need_weights, previous_need_weights
-- uses: need_moved
-- W35n, W35: how far the need index of a place has moved since the earlier run, the worst one. No year in common is a true zero.
select coalesce(max(abs(change)), 0) as W35 from need_moved
