"""Payment: the budget as it is paid, and the same activity under several payment and contract forms."""
