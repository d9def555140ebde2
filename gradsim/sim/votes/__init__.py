"""What a class has predicted of a run, and how far that was from what is measured."""
