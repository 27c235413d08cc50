"""The diary in Slack: lists of panels, dates of meetings, prompts and calendars."""
