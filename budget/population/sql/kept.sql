-- RC9: one current registration a person. The latest start wins; ties by practice code, then by the earlier birth.
select person_id, registered_on, max(practice_code) as practice_code
from judged
join (
    select person_id, max(registered_on) as registered_on
    from judged
    where outcome = 'counted'
    group by person_id
) as latest using (person_id, registered_on)
where outcome = 'counted'
group by person_id, registered_on
