-- needs: ledger_control
-- B01: gross spend against the ledger, the worst commissioner or line.
select max(abs(spend_pence - control_pence) / nullif(abs(control_pence), 0)) as B01
from ledger_control
