-- Whoever is in another segment than in the earlier run.
select
    after.person_id,
    after.basis,
    after.age,
    before.age as age_then
from previous_population as before
join population as after on after.person_id = before.person_id
where before.segment <> after.segment
