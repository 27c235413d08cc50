"""Invitations in Slack: asking people whether they come to a meeting, their answers, and their deputies."""
