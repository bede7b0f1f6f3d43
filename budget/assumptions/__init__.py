"""Assumptions: dated, sourced, typed values; packs, overlays and what a run resolves them to."""
