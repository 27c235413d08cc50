"""What Slack shows and takes of actions: given, done, extended, chased and listed."""
