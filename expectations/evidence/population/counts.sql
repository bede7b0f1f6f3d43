-- needs: population_counts, population_base
-- P23: registered people in the counts against registered people counted one by one, the worst place.
with cells as (
    select place, sum(people) as people from population_counts where basis = 'registered' group by place
),
persons as (
    select place, count(*) as people from population_base where basis like 'registered%' group by place
)
-- a place on one side only has nobody on the other: a true zero
select max(abs(coalesce(cells.people, 0) - coalesce(persons.people, 0))) as P23
from cells full join persons using (place)
