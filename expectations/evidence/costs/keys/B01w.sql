select commissioner || ' ' || service_line as key
from ledger_control
where abs(spend_pence - control_pence) / nullif(abs(control_pence), 0) > {b01w_max}
