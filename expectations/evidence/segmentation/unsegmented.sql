-- needs: population, segments
-- S02: share of people whom no rule could place.
select
    count(*) filter (where segment in (select segment from segments where broad_group = 'unsegmented')) / nullif(count(*), 0) as S02
from population
