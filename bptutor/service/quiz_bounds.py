"""How large a quiz may be."""

USUAL_ITEMS = 10
MOST_ITEMS = 200
MOST_MINUTES = 600
"""Of an exam."""
LARGEST_SEED = 10**12 - 1
"""Twelve digits, which can still be written on a blackboard."""
