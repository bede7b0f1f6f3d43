-- each: input
-- I02: an input table has rows. Tables that may be empty are named in the thresholds.
select case when {name} in {i02_may_be_empty} and count(*) = 0 then null else count(*) end as I02
from {table}
