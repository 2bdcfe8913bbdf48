"""A made-up world whose truth is known: people, their urine, four laboratories, and the files these would send."""
