"""The ledger: a budget is a sum of movements, each with its step, its keys and its assumptions."""
