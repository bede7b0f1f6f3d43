-- reads: practices, practice_weights, previous_practice_weights
-- Published weights that are not those that the earlier run read for the same practice, year and stream, by place.
select practices.place, now.financial_year, now.stream, count(*) as weights
from practice_weights as now
join previous_practice_weights as before using (practice_code, financial_year, stream)
join practices using (practice_code)
where abs(now.weighted_population - before.weighted_population) > 0.000001
    or abs(now.population - before.population) > 0.000001
group by all
