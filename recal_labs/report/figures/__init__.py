"""Figures: each one a function of a tidy table that returns the axes, with a function beside it that says the finding."""
