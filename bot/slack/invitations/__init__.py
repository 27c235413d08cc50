"""Invitations in Slack: the question whether people come, their answers, and their deputies."""
