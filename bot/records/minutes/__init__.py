"""Shared code about minutes: finding the version that is meant, showing it, and changing its state."""
