-- needs: low_volume_pairs, carve_outs
-- C09: low-volume pairs of places that are carved out by history, whose mean is over fewer years than it should be.
select count(*) as C09
from low_volume_pairs as pairs
join carve_outs as carved
    on carved.financial_year = pairs.financial_year
    and carved.place = pairs.place
    and carved.type = 'low_volume'
    and carved.method = 'history'
where pairs.low_volume and pairs.years < {c09_years}
