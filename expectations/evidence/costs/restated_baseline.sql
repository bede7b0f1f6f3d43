-- needs: spend, previous_baseline_lines, previous_segment_people
-- uses: restated_baseline
-- B17: lines of a place whose spend of the earlier run's base year has been restated.
select count(*) as B17 from restated_baseline
