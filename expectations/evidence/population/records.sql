-- needs: registered_list, population_base, population_exceptions
-- P22: records in are people counted and records set aside; no exceptions at all is a true zero.
with sides as (
    select
        (select count(*) from registered_list) as P22_records,
        (select count(*) from population_base) as P22_counted,
        (select coalesce(cast(sum(records) as bigint), 0) from population_exceptions) as P22_set_aside
)
select *, abs(P22_records - P22_counted - P22_set_aside) as P22
from sides
