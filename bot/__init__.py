"""panelbot: a Slack bot that runs multi-agency child exploitation panels."""
