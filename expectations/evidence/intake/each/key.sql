-- each: keyed input
-- I04: rows that repeat the key of another row. A record without an identifier is set aside, and repeats none.
select count(*) - (select count(*) from (select distinct {key} from {table} where {identified})) as I04
from {table}
where {identified}
