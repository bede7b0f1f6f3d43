"""From one budget line down to what it stands on: movements, assumptions, need, baseline, input files and checks."""

from budget.audit.explain.explanation import Explainer, Explanation
from budget.audit.explain.slice import Slice

__all__ = ["Explainer", "Explanation", "Slice"]
