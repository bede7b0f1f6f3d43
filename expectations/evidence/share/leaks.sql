-- needs: disclosure_audit
-- O05: cells that are shown though they are of few people or might be, and hidden cells that a reader can work out.
select count(*) filter (
    where case
        when shown is null then high - low < needed * (1 - 1e-6)
        else small or (unit = 'people' and shown > 0 and low < {o05_people})
    end
) as O05
from disclosure_audit
