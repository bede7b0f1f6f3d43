-- uses: causes_of_money, causes_of_need
-- What is known to move the budget of a place, money and need together.
select place, string_agg(distinct cause, ', ' order by cause) as causes
from (
    select place, unnest(string_split(causes, ', ')) as cause from causes_of_money where place is not null and service_line is null
    union all
    select place, unnest(string_split(causes, ', ')) from causes_of_need
)
group by place
