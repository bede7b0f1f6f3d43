-- needs: registered_list
-- P01: share of the list's records whose NHS number has a valid check digit.
-- Pseudonyms have none, so there is nothing to ask.
select
    case
        when {person_id} <> 'pseudonym' then count(*) filter (where identifier_valid) / nullif(count(*), 0)
    end as P01
from registered_list
