"""Meetings in Slack: attendance, the board, items, notes, decisions, and meetings without a quorum."""
