-- needs: person_cost, person_line_cost
-- B27: persons whose cost on all lines does not add up to what they cost; one without care has a true zero.
with by_line as (select person_id, cast(sum(cost_pence) as bigint) as cost_pence from person_line_cost group by person_id)
select count(*) filter (where coalesce(by_line.cost_pence, 0) is distinct from person.cost_pence) as B27
from by_line full join person_cost as person using (person_id)
