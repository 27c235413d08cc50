"""Rescheduling in Slack: new series and rules, and meetings that are moved, cancelled, put back or added."""
