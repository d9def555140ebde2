"""Experiments of kind race: optimizers that descend one surface side by side."""
