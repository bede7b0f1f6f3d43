-- The records of people with several registrations once more, their days those of the year of care: all that follows from
-- days is then settled by the same rules, apart from the base year, since a record may have days in one year alone.
select * exclude (days_from, days_until), care_from as days_from, care_until as days_until
from contested_registrations
