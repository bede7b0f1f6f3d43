"""What separates two runs: their budgets and where their people are."""
