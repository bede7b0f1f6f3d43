-- reads: baseline_lines, segment_people, previous_baseline_lines, previous_segment_people
-- Normalised spend a head of each place, people of the base year, against the earlier run's; places of both runs.
with people as (
    select place, sum(people) as people from segment_people
    where financial_year = {base_year} group by place
),
people_before as (
    select place, sum(people) as people from previous_segment_people
    where financial_year = (select min(financial_year) from previous_segment_people) group by place
),
now as (
    select place, sum(normalised_pence) / any_value(people) as pence
    from baseline_lines join people using (place) where people > 0 group by place
),
before as (
    select place, sum(normalised_pence) / any_value(people) as pence
    from previous_baseline_lines join people_before using (place) where people > 0 group by place
)
select place, now.pence / nullif(before.pence, 0) - 1 as change from now join before using (place)
