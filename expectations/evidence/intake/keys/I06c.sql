select practice_code as key
from published_list
where practice_code not in (select practice_code from practices)
