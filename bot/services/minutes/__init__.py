"""Minutes: the use cases, and the record on which they are based."""
