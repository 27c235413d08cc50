"""What Slack shows and takes of minutes: the record of a meeting."""
