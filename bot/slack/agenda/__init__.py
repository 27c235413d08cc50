"""Slack's part of the agenda: triage, what is owed a hearing, its paper, returns."""
