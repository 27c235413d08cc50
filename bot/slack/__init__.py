"""The Slack interface of the core, which translates and decides nothing."""
