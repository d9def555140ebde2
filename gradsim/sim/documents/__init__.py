"""What is in files: experiments, lessons, pictures that carry them, results."""
