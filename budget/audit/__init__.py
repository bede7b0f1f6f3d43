"""The record of a run: manifest, run folder, lineage."""
