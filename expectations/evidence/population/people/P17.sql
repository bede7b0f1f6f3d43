-- needs: registered_list
-- People with a current registration whose removal is pending (FP69).
select person_id
from registered_list
where list_contains(string_split(flags, ';'), 'fp69')
    and registered_on <= {snapshot} and (deregistered_on is null or deregistered_on >= {snapshot})
