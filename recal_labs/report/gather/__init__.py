"""From computed tables to plain facts: one module a section, each returning values and sentences."""
