"""What every run has: its settings, its draws, its steps, the tape they are recorded on."""
