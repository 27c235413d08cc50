"""Minutes: which are meant, how a version is seen, and how its state changes."""
