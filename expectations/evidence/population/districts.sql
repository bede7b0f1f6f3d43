-- needs: district_reconciliation, population_base
-- P26: people of our lists by where they live against those counted one by one. Nobody at all is a true zero.
select abs(
    (select coalesce(sum(registered_here), 0) from district_reconciliation)
    - (select count(*) from population_base where basis like 'registered%')
) as P26
