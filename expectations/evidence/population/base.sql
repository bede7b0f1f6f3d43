-- needs: population_base
-- P07: rows beyond one a person. P09: share without a date of birth. P10: people of impossible age.
-- P16: share without an area. P18: people whose days on the list, in the base year or the year of care, are more than a
-- year has, or negative.
select
    count(*) - count(distinct person_id) as P07,
    count(*) filter (where age is null) / nullif(count(*), 0) as P09,
    count(*) filter (where age < 0 or age > {p10_oldest}) as P10,
    count(*) filter (where lsoa_code is null or lsoa_code = '') / nullif(count(*), 0) as P16,
    count(*) filter (
        where least(member_days, care_days) < 0 or greatest(member_days, care_days) > {p18_longest}
    ) as P18
from population_base
