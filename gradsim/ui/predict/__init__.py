"""Predict, run, reveal: what a class is asked before it sees the pictures."""
