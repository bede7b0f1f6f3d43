-- each: cell table
-- O05: numbers of people too small to publish, in a table that is published in cells.
select count(*) as O05
from (select unnest({people}) as people from {table})
where people > 0 and people < {o05_people}
