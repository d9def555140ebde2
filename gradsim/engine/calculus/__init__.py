"""Formulas of two variables: parsed, differentiated exactly, evaluated on arrays."""
