"""Minutes: the use cases, and the record that they stand on."""
