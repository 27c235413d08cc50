"""Shared code about the agenda: triage, what is owed a hearing, its paper, returns."""
