-- needs: registered_list
-- P01: share of the list's NHS numbers whose check digit is valid. Pseudonyms have none, so there is nothing to ask.
-- P02: share of the list's records without an identifier.
select
    case
        when {person_id} <> 'pseudonym'
            then count(*) filter (where identifier_valid) / nullif(count(*) filter (where person_id is not null), 0)
    end as P01,
    count(*) filter (where person_id is null) / nullif(count(*), 0) as P02
from registered_list
