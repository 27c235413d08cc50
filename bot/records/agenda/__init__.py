"""Shared code about the agenda: its lines and published versions, cases that are owed a hearing, and returns."""
