"""A lesson worked through, as a document: to read, to print, or to run."""
