-- O26: person-level tables in the published pack; where no table lies in a pack there is nothing to ask.
select
    case
        when count(*) filter (where in_pack) > 0 then count(*) filter (where in_pack and disclosure = 'person')
    end as O26
from {given}
