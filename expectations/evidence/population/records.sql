-- needs: registered_list, population_base, population_exceptions
-- P22: records in are people counted and records set aside; no exceptions at all is a true zero.
select abs(
    (select count(*) from registered_list)
    - (select count(*) from population_base)
    - (select coalesce(cast(sum(records) as bigint), 0) from population_exceptions)
) as P22
