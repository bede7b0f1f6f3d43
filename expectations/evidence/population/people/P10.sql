-- needs: population_base
-- People counted of an impossible age.
select person_id from population_base where age < 0 or age > {p10_oldest}
