"""The quiz: which item comes next, on which numbers, and what it was worth."""
