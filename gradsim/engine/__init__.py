"""Networks, losses, optimizers and measurements: NumPy only, no state that is not passed in."""
