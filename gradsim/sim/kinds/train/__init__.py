"""Experiments of kind train: networks that train side by side on one data set."""
