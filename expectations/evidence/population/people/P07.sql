-- needs: population_base
-- People who are counted more than once.
select person_id from population_base group by person_id having count(*) > 1
