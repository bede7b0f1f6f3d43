-- needs: registered_list, published_list
-- I03m: months, beyond the first, in which lists and published counts were taken; those that do not say are not asked.
select nullif(count(distinct year(extracted_on) * 100 + month(extracted_on)), 0) - 1 as I03m
from (
    select distinct extracted_on from registered_list where extracted_on is not null
    union
    select distinct extracted_on from published_list where extracted_on is not null
) as extracts
