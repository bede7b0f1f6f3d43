-- The facts of every record under its final rule: all of them as judged, less those of people with several
-- registrations as judged, and these again as settled. Sums of weight count records.
select
    practice_no, area_no, area_unknown, sex_no, age, rule, rule as judged_rule, list_days, current, opening, month_before,
    began, born, ended, by_death, long_pending, pending_undated, 1 as weight
from facts
union all
select
    practice_no, area_no, area_unknown, cast(strpos('FMIU', sex) as tinyint), age,
    case when weight > 0 then rule else judged_rule end, judged_rule,
    cast(case when weight > 0 then list_days else judged_days end as smallint),
    current, opening, month_before, began, born, ended, by_death, long_pending, pending_undated, weight
from settled
cross join (values (1), (-1)) as signed(weight)
