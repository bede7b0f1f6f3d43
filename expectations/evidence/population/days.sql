-- needs: member_days, population_base
-- P25: people at the snapshot in the table of member-days against people counted. Nobody at all is a true zero.
select abs(
    (select coalesce(cast(sum(people) as bigint), 0) from member_days) - (select count(*) from population_base)
) as P25
