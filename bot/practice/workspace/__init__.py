"""The local workspace: Slack's Web API, its deliveries and its people, without anything of the bot."""
