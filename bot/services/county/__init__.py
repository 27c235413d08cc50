"""Use cases of the county file, and of what administrators run in the terminal."""
