-- RC9 begins with one identifier a person: every replaced identifier with the one that survives it, along the chain.
-- An identifier that is replaced twice keeps two rows, for the gate to see.
with recursive chain as (
    select person_id, replaced_by, replaced_by as survivor, 1 as depth from merges
    union all
    select chain.person_id, chain.replaced_by, next.replaced_by, chain.depth + 1
    from chain
    join merges as next on next.person_id = chain.survivor
    where chain.depth < 20
)
select person_id, max_by(survivor, depth) as replaced_by
from chain
group by person_id, chain.replaced_by
