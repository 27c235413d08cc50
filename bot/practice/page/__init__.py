"""The browser page of practice mode: a local workspace like Slack, for people who have no Slack.

`mount` adds the page's addresses to those of the workspace. All that a person does on the page goes through
`bot.practice.workspace.person`, so the bot gets only what Slack would send it.
"""
