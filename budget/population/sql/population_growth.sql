-- Growth since the base year by place, sex and five-year band: projected people over projected people, rates only,
-- because the projected level does not join on to the estimates. People of unknown sex or age grow as all do. A band that
-- had nobody in the base year has no rate.
with bands as (
    select
        coalesce(projection.variant, 'principal') as variant,
        home.place, projection.year, projection.sex, least(projection.age, 95) // 5 * 5 as age_from, projection.persons
    from population_projection as projection
    join (select distinct lad_code, place from areas) as home on home.lad_code = projection.lad_code
    where projection.year in {years} and coalesce(projection.basis, 'projection') = 'projection'
),
projected as (
    select variant, place, year, coalesce(sex, 'all') as sex, age_from, cast(sum(cast(persons as decimal(20, 6))) as double) as people
    from bands
    group by grouping sets ((variant, place, year, sex, age_from), (variant, place, year, age_from), (variant, place, year))
),
meaning(sex, projected_sex, age_known) as (
    values
        ('F', 'F', true), ('M', 'M', true), ('I', 'all', true), ('U', 'all', true),
        ('F', 'all', false), ('M', 'all', false), ('I', 'all', false), ('U', 'all', false)
)
select
    later.variant,
    later.year as start_year,
    later.place,
    meaning.sex,
    later.age_from,
    later.people / base.people as growth_index
from projected as later
join projected as base
    on base.variant = later.variant
    and base.place = later.place
    and base.sex = later.sex
    and base.age_from is not distinct from later.age_from
    and base.year = {base_year}
    and base.people > 0
join meaning on meaning.projected_sex = later.sex and meaning.age_known = (later.age_from is not null)
