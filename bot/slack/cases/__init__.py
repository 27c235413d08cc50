"""Cases in Slack: flags, declared interests, closed items, and the hearings of a case."""
