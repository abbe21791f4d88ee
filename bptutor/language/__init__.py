"""The tutor's one notation: text to tree, tree to value, derivative and text. Knows no lesson."""
