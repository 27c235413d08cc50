"""People in Slack: members, their places, their deputies, and people who leave."""
