-- Cases by rule and payer: people, how many of them are counted here, and how many cases name nobody who pays.
select
    shares.reason_code,
    shares.kind,
    shares.payer as commissioner,
    count(*) as cases,
    count(distinct shares.person_id) as people,
    count(distinct base.person_id) as counted_here,
    count(*) filter (where shares.pays <> 'usual' and shares.payer is null) as unresolved
from commissioner_shares as shares
left join (
    select person_id from population_base where person_id in (select person_id from commissioner_shares)
) as base on base.person_id = shares.person_id
group by shares.reason_code, shares.kind, shares.payer
