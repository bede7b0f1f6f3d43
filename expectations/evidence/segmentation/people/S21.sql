-- needs: population_base, population
-- People who entered segmentation or left it, but not both.
select person_id from population_base anti join population using (person_id)
union all
select person_id from population anti join population_base using (person_id)
