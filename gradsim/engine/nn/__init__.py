"""Multilayer perceptrons: activations, outputs, losses, initializers, the stacked network, its probes."""
