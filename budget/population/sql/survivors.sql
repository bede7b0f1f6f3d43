-- RC9 begins with one identifier a person: every replaced identifier with the one that survives it, along the chain.
with recursive chain as (
    select person_id, replaced_by as survivor, 1 as depth from person_merges
    union
    select chain.person_id, next.replaced_by, chain.depth + 1
    from chain
    join person_merges as next on next.person_id = chain.survivor
    where chain.depth < 20
)
select person_id, max_by(survivor, depth) as survivor
from chain
group by person_id
