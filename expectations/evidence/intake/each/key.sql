-- each: keyed input
-- I04: rows that repeat the key of another row.
select count(*) - (select count(*) from (select distinct {key} from {table})) as I04
from {table}
