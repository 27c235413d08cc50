"""Slack's part of Home: one person's overview, and what did not arrive."""
