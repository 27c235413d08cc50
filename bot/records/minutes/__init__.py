"""Shared code about minutes: finding a version, showing it, and changing its state."""
