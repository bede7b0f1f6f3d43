-- needs: population_base
-- People with more days on the list than a year has, or negative ones.
select person_id
from population_base
where least(member_days, care_days) < 0 or greatest(member_days, care_days) > {p18_longest}
