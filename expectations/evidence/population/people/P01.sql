-- needs: registered_list
-- People whose NHS number fails its check digit.
select person_id from registered_list where not identifier_valid
