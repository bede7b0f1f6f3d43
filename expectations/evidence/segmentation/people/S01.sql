-- needs: population_base, population
-- People counted without a segment, or with more than one row.
select person_id from population_base anti join (from population where segment <> '') as placed using (person_id)
union all
select person_id from population group by person_id having count(*) > 1
