select moves.move_id as key
from policy_moves as moves
join baseline_adjustments as adjusted
    on adjusted.place = moves.place
    and adjusted.service_line = coalesce(moves.service_line, adjusted.service_line)
    and lower(trim(split_part(adjusted.reason, ';', 1))) = lower(trim(split_part(moves.reason, ';', 1)))
