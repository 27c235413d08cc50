"""The bot's side of Slack. It turns what Slack delivers into use cases, and their results into messages and forms."""
