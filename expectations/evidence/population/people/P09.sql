-- needs: population_base
-- People counted whose date of birth is not known.
select person_id from population_base where age is null
