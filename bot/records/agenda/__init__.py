"""Shared code about the agenda: triage, cases that are owed a hearing, the printed agenda, returns."""
