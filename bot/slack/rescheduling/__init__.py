"""Rescheduling in Slack: new series and rules, and meetings that are moved, cancelled, reinstated or added."""
