-- needs: line_attribution
-- B03: spend that could not be attributed to people, over what could (k - 1), all lines that are tied to persons.
select abs(cast(sum(normalised_pence) as bigint) / nullif(sum(direct_pence), 0) - 1) as B03
from line_attribution
where not hosted
