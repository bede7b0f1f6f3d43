-- needs: practices
-- I06i: practices whose ICB is written in another kind of code than the ICB of the run (three characters of an ICB, five
-- of a sub-ICB, nine of a statistical area), so that none of them could ever be its own.
select count(*) as I06i
from practices
where length(icb_code) <> length({icb})
