-- How many days people of each level of one covariate were there in every small area, and what they cost up to the cap:
-- with these sums alone, covariates of areas enter least squares exactly.
select
    lsoa_code as area,
    {level} as level,
    cast(sum(days) as bigint) as days,
    cast(sum(y) as bigint) as y
from (
    select lsoa_code, cell, segment, sum(care_days) as days, sum(least(cost_pence, {cap})) as y
    from need_people
    where lsoa_code is not null and care_days > 0
    group by all
) as summed
join cell_labels using (cell)
group by all
order by all
