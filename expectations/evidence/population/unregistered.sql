-- needs: population_counts
-- P13: share of everyone counted who is on no list. Nobody unregistered is a true zero.
select coalesce(sum(people) filter (where basis = 'unregistered'), 0) / nullif(sum(people), 0) as P13
from population_counts
