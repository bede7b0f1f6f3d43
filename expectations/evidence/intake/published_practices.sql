-- needs: published_list, practices
-- I06c: practices of the published list that have no row in practices.
select count(distinct practice_code) as I06c
from published_list
where practice_code not in (select practice_code from practices)
