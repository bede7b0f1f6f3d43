-- needs: registered_list
-- P11: births on 1 January over those expected by chance; a small list is judged as though it expected the least
-- count of the thresholds, so that chance alone does not warn. P15: share with an unknown practice.
-- P17: share whose removal is pending (FP69). All of registrations that are current at the snapshot.
with current as (
    select * from registered_list
    where registered_on <= {snapshot} and (deregistered_on is null or deregistered_on >= {snapshot})
)
select
    count(*) filter (where month(date_of_birth) = 1 and day(date_of_birth) = 1)
        / greatest(count(date_of_birth) / 365.25, {p11_least_expected}) as P11,
    count(*) filter (where practice_code in ('V81998', 'V81999')) / nullif(count(*), 0) as P15,
    count(*) filter (where list_contains(string_split(flags, ';'), 'fp69')) / nullif(count(*), 0) as P17
from current
