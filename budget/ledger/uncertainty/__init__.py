"""P10 and P90 of every budget: the ledger's steps on many draws of its assumptions at once."""
