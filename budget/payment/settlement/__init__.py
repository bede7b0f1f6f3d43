"""Settlement at quarter and year end: expected against actual, who gains or loses, what changes hands, shadow year."""
