-- needs: population
-- S02: share of people whom no rule could place.
select count(*) filter (where segment = {s02_segment}) / nullif(count(*), 0) as S02
from population
