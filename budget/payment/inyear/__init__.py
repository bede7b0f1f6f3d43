"""What happens within the year: who counts for a month, late news, list changes, moves, choice, low-volume pairs."""
