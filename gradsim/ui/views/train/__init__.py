"""Views of networks in training."""
