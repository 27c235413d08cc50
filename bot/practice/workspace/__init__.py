"""The local workspace: Slack's Web API, its deliveries and its people. It knows nothing of the bot."""
