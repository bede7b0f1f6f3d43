"""What is made of fitted models: other estimators, judgement out of fold, budgets of places with their errors."""
