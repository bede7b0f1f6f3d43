-- needs: population_base
-- People counted whose area is not known.
select person_id from population_base where lsoa_code is null or lsoa_code = ''
