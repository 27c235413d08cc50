"""The local workspace: Slack's Web API, its deliveries and its people. The workspace knows nothing of the bot."""
