-- One row a person with what risk models know: sex, five-year age band, deprivation tenth and number of conditions as one
-- number, which groups and joins faster than words (cell_labels says what it means); the fold, which is the same on every
-- engine and in every run because it comes from the pseudonym; days on a list in the year of care; cost.
select
    cast(
        ((case sex when 'F' then 0 when 'M' then 1 when 'I' then 2 else 3 end * 20
            + case when age is null then 19 when age >= 90 then 18 else age // 5 end) * 11
            + case when imd_decile is null then 10 else imd_decile - 1 end) * 6
            + case when long_term_conditions >= 5 then 5 else long_term_conditions end
    as integer) as cell,
    segment,
    place,
    practice_code,
    lsoa_code,
    cast(
        (strpos('123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_', substr(person_id, 1, 1))
            + strpos('123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_', substr(person_id, 2, 1))
            + strpos('123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_', substr(person_id, 3, 1))
            + strpos('123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_', substr(person_id, 4, 1))) % 5
    as tinyint) as fold,
    care_days,
    cost_pence
from population
join {costs} using (person_id)
