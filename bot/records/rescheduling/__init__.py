"""Shared code about rescheduling: meetings that move, and new rules for a series."""
