"""Experiments: files, kinds, training, the record of a run. No Qt, no threads."""
