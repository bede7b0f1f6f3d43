-- each: input
-- needs: input_register, quarantine
-- I01: rows of the table, with records left out for a national data opt-out, less rows read. Records whose identifier
-- fails stay in their table, flagged, so nothing is taken off for them; no opt-out at all is a true zero.
-- A table that the register does not name has no rows to compare with: it cannot be measured and fails.
select abs(
    (select count(*) from {table})
    + (
        select coalesce(cast(sum(rows) as bigint), 0)
        from quarantine where name = {name} and rule = 'national data opt-out'
    )
    - (select cast(sum(rows) as bigint) from input_register where name = {name})
) as I01
