"""The numerical part: networks, optimizers, surfaces, data sets and formulas. It knows nothing of experiments.

It uses NumPy (and SciPy for the GELU) and reads the bundled data and tables of
the user. What a function returns depends on its arguments and on these files
alone: the only state kept between calls is caches.
"""
