-- needs: low_volume_pairs
-- C06: pairs on the low-volume side in the first budget year. C06o: pairs on the other side. C06s, C06p: mean yearly cost of
-- each side. C06t: pairs that the rule before put on another side.
with pairs as (
    select distinct
        commissioner, provider_code, low_volume, pair_mean_pence,
        earlier_low_volume is not null and earlier_low_volume <> low_volume as turned
    from low_volume_pairs
    where financial_year = (select min(financial_year) from low_volume_pairs)
)
select
    count(*) filter (where low_volume) as C06,
    count(*) filter (where not low_volume) as C06o,
    -- a side without pairs has a true zero
    coalesce(sum(pair_mean_pence) filter (where low_volume), 0) as C06s,
    coalesce(sum(pair_mean_pence) filter (where not low_volume), 0) as C06p,
    count(*) filter (where turned) as C06t
from pairs
