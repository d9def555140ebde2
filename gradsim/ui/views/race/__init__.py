"""Views of races."""
