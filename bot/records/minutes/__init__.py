"""Shared code about minutes: which version is meant, how it is shown, and how its state changes."""
