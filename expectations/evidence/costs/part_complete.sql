-- needs: part_complete
-- B26: boundaries and lines whose sides do not add up to what there is to share, or where one side has less than nothing.
select
    count(*) filter (
        where counted_pence + other_pence <> whole_pence or counted_pence < 0 or other_pence < 0
    ) as B26
from part_complete
