-- needs: registered_list, practices
-- People with a current registration at a practice that has no row in practices.
select person_id
from registered_list
where practice_code not in (select practice_code from practices)
    and practice_code not in ('V81997', 'V81998', 'V81999')
    and registered_on <= {snapshot} and (deregistered_on is null or deregistered_on >= {snapshot})
