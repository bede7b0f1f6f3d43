-- needs: population, segments
-- People whom no rule could place.
select person_id from population where segment in (select segment from segments where broad_group = 'unsegmented')
