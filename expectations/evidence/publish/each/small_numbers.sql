-- each: cell table
-- O05i: numbers of people too small to publish, in a table that stays inside.
select count(*) as O05i
from (select unnest({people}) as people from {table})
where people > 0 and people < {o05i_people}
