-- needs: activity
-- People with activity that has no currency.
select person_id from activity where currency_code is null
