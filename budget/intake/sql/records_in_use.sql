-- Records of care of people who have not opted out (national data opt-out).
select * from {records} where person_id not in (select person_id from opted_out)
