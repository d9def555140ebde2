"""Words and numbers as people read them, in each language."""
