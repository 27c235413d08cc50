"""What Slack shows and takes of Home: one person's overview, and what did not arrive."""
