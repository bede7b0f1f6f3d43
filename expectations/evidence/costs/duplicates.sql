-- needs: activity
-- B06: rows that repeat another one of the same person, day, line, currency, department and provider, told apart by a
-- hash of 64 bits.
with claims as (
    select count(*) as rows
    from activity
    group by hash(person_id, activity_date, service_line, currency_code, department, provider_code)
)
select cast(sum(rows - 1) as bigint) / nullif(cast(sum(rows) as bigint), 0) as B06
from claims
