select practice_code as key
from practice_adjustments
where market_forces_factor not between {w03_market_low} and {w03_market_high}
    or emergency_ambulance_index not between {w03_ambulance_low} and {w03_ambulance_high}
    or remoteness_index not between {w03_remote_low} and {w03_remote_high}
