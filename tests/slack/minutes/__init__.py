"""Minutes in Slack: looked through, approved, circulated, amended."""
