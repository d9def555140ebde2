"""What views of every kind are made of."""
