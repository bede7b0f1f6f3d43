-- each: input
-- needs: input_register
-- I01: rows of the table less rows read. Quarantined rows stay in their table, flagged, so nothing is taken off.
-- A table that the register does not name has no rows to compare with: it cannot be measured and fails.
select abs(
    (select count(*) from {table})
    - (select cast(sum(rows) as bigint) from input_register where name = {name})
) as I01
