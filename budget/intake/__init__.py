"""Intake: raw files as they come, read into canonical typed tables."""
