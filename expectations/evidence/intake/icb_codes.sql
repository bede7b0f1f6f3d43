-- needs: practices
-- I06i: practices whose ICB is written in another kind of code than the ICB of the run (QMF, A3A8R, E54000029), so that
-- none of them could ever be its own.
select count(*) as I06i
from practices
where length(icb_code) <> length({icb})
