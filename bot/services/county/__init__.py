"""The county file: the use case that applies it."""
