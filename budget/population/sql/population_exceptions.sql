-- Records that are not counted, by outcome and rule; with the people counted they add up to all records.
select outcome, reason_code, count(*) as records
from outcomes
where outcome not in ('counted', 'unregistered')
group by all
