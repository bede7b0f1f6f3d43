-- needs: registered_list, practices
-- P05: practices with a registration that is current at the snapshot, but with no row in practices.
-- V81997, V81998 and V81999 are codes for having no practice.
select count(distinct practice_code) as P05
from registered_list
where practice_code not in (select practice_code from practices)
    and practice_code not in ('V81997', 'V81998', 'V81999')
    and registered_on <= {snapshot} and (deregistered_on is null or deregistered_on >= {snapshot})
