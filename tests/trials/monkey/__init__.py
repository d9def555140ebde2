"""A hand that uses the real window at random, the same way for the same seed; what it did is repeated and shortened.

``python -m tests.trials.monkey.life FOLDER SEED HOW_MANY`` is one program with one window;
``… FOLDER SEED actions.json`` repeats the actions that a fault has printed.
"""
