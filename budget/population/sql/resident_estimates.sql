-- Residents by district, sex and five-year band of the last estimated year before the snapshot.
select
    home.place,
    projection.lad_code,
    projection.sex,
    cast(least(projection.age, 95) // 5 * 5 as smallint) as age_from,
    cast(sum(cast(projection.persons as decimal(20, 6))) as double) as residents
from population_projection as projection
join (select distinct lad_code, place from areas) as home on home.lad_code = projection.lad_code
where
    coalesce(projection.basis, 'estimate') = 'estimate'
    and projection.year = (
        select max(year) from population_projection where coalesce(basis, 'estimate') = 'estimate' and year <= year({snapshot})
    )
group by all
