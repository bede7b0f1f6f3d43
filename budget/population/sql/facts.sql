-- What the counts need of every record, and no more, so that the records of a country fit in memory: the person as a
-- hash, practice and area as numbers, the rule, and days.
select
    person_key, live or dated or care_dated as competes, practice_no, area_no, area_unknown, cast(strpos('FMIU', sex) as tinyint) as sex_no,
    age, rule, cast(list_days as smallint) as list_days, current, opening, month_before, began, born, ended, by_death,
    long_pending, pending_undated
from judged
