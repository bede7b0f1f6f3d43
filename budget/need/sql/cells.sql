-- One row a distinct combination of covariates: people, sum and sum of squares of cost up to the cap, and what lies above.
-- Integer sums (HUGEINT for squares) are the same on every engine; a cell of one person is that person.
select
    sex,
    case when age is null then 'unknown' when age >= 90 then '90+' else printf('%02d-%02d', age // 5 * 5, age // 5 * 5 + 4) end as age_band,
    case when imd_decile is null then 'unknown' else cast((imd_decile + 1) // 2 as varchar) end as imd_fifth,
    case when long_term_conditions >= 5 then '5+' else cast(long_term_conditions as varchar) end as condition_band,
    place,
    count(*) as people,
    cast(sum(least(cost_pence, {cap})) as bigint) as y,
    cast(sum(cast(least(cost_pence, {cap}) as hugeint) * least(cost_pence, {cap})) as double) as yy,
    cast(sum(greatest(cost_pence - {cap}, 0)) as bigint) as excess_pence
from population
join person_cost using (person_id)
group by all
order by all
