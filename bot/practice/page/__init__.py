"""The browser page of practice mode: a Slack-like workspace on loopback, for people who have no Slack.

`mount` puts it beside the workspace's own addresses. Whatever a person does here goes through
`bot.practice.workspace.person`, so the bot meets Slack's protocol and nothing else.
"""
