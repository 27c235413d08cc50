"""Slack's part of the meeting: who is there, the item, what is decided."""
