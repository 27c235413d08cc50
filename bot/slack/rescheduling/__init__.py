"""Slack's part of rescheduling: meetings that move, new rules for a series."""
