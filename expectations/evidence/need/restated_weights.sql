-- needs: practices, practice_weights, previous_practice_weights
-- uses: restated_weights
-- W34: places, years and streams in which practices have other published weights than the earlier run read.
select count(*) as W34 from restated_weights
