"""The same activity under every payment and contract form: payment, cost, margin and risk by party."""
