"""Kinds of experiments; a package for each."""
