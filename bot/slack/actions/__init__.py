"""Slack's part of actions: given, done, extended, chased and listed."""
