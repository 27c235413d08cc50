"""Slack's part of invitations: who is asked to come, who answers, who stands in."""
