-- uses: merged_practices
select practice_code || ' to ' || taken_over_by as key from merged_practices
