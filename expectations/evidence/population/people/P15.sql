-- needs: registered_list
-- People with a current registration at an unknown practice.
select person_id
from registered_list
where practice_code in ('V81998', 'V81999')
    and registered_on <= {snapshot} and (deregistered_on is null or deregistered_on >= {snapshot})
