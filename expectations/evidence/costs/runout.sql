-- needs: activity_completion
-- B10r: months between the end of the year of care and the day on which its records were drawn.
select min(runout_months) as B10r from activity_completion
