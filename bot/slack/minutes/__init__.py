"""Slack's part of minutes: the record of a meeting."""
