"""A lesson's notes: beside the pictures for the class, and in a window of their own for the lecturer."""
