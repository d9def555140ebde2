"""Threads: the worker that trains, and how its results reach whoever draws. No Qt."""
