-- How many people are in which segment in the one run and the other.
select before.segment as from_segment, after.segment as to_segment, count(*) as people
from population_before as before
full join population_after as after on after.person_id = before.person_id
group by before.segment, after.segment
