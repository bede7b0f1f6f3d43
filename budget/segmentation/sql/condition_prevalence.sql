-- People with a condition against the published share of people of the register's ages, by place.
with people as (
    select place, practice_code, age, count(*) as people
    from population where practice_code is not null
    group by place, practice_code, age
),
recorded as (
    select population.place, on_record.condition, population.practice_code, population.age, count(*) as people
    from on_record
    join population on population.person_id = on_record.person_id
    where population.practice_code is not null
    group by population.place, on_record.condition, population.practice_code, population.age
),
expected as (
    select
        people.place,
        published.condition,
        sum(people.people) as register_people,
        -- decimals add up to the same in any order
        cast(sum(cast(people.people * published.share as decimal(28, 12))) as double) as published_people
    from published_prevalence as published
    join people on people.practice_code = published.practice_code and people.age >= published.from_age
    where {counted}
    group by people.place, published.condition
),
found as (
    select recorded.place, recorded.condition, sum(recorded.people) as recorded_people
    from published_prevalence as published
    join recorded
        on recorded.practice_code = published.practice_code
        and recorded.condition = published.condition
        and recorded.age >= published.from_age
    group by recorded.place, recorded.condition
)
-- where nobody has the condition on record that is a true zero
select
    expected.place,
    expected.condition,
    cast(expected.register_people as double) as register_people,
    cast(coalesce(found.recorded_people, 0) as double) as recorded_people,
    expected.published_people
from expected
left join found on found.place = expected.place and found.condition = expected.condition
