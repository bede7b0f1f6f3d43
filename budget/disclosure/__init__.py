"""What of a run may leave: tables in which small numbers are hidden, and nothing gives them away."""
