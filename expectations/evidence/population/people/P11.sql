-- needs: registered_list
-- People with a current registration whose date of birth may be a default.
select person_id
from registered_list
where month(date_of_birth) = 1 and day(date_of_birth) = 1
    and registered_on <= {snapshot} and (deregistered_on is null or deregistered_on >= {snapshot})
