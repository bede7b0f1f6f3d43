"""Synthetic people with real counts: the person-level inputs of a locality, drawn from published tables."""

from budget.synth.locality import SynthSummary, write_locality

__all__ = ["SynthSummary", "write_locality"]
