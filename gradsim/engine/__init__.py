"""What computes: networks, optimizers, surfaces, data sets, formulas; it knows nothing of experiments."""
