"""Actions in Slack: the commands, buttons and forms that give, list, answer and chase them."""
