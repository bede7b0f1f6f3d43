-- needs: population_exceptions
-- P24: records set aside without a rule of the method (RC1, RC2, ...).
select coalesce(cast(sum(records) filter (where not regexp_matches(reason_code, '^RC[0-9]+')) as bigint), 0) as P24
from population_exceptions
