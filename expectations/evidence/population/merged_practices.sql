-- needs: practices, population_reconciliation, previous_population_reconciliation
-- uses: merged_practices
-- P28: practices of the earlier run that have nobody now, and whose list another practice took over.
select count(*) as P28 from merged_practices
