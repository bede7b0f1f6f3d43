-- each: keyed input
-- People with a row that repeats the key of another.
select person_id from {table} where {identified} group by {key} having count(*) > 1
