"""Thin, typed wrappers over pyqtgraph items."""
