"""Sections of the page: each takes a stored run and returns something that shows itself."""
