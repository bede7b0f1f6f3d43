"""Costs: the baseline, normalised by line and tied to the ledger, attributed to people and segments."""
