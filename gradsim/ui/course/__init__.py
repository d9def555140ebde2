"""The way through the course: the list of lessons with their pictures, the next and the one before, what was seen."""
