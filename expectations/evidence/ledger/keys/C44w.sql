select moves.move_id as key
from policy_moves as moves
join baseline_adjustments as adjusted
    on adjusted.place = moves.place
    and adjusted.service_line = coalesce(moves.service_line, adjusted.service_line)
    and adjusted.amount_pence = moves.amount_pence
