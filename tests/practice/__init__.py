"""The local Slack workspace against the real slack_sdk and Bolt."""
