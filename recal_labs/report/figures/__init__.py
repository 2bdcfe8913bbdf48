"""Figures: each a function of a tidy table that returns the axes, beside a function that says the finding."""
