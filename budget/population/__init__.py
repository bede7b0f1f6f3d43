"""Population: everyone counted once, and paid for by the right commissioner."""
