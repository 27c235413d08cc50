"""App Home in Slack: one person's overview, and the messages that did not reach people."""
