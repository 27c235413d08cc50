"""Slack's part of the diary: panels, their series and their meetings."""
