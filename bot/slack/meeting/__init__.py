"""What Slack shows and takes of the meeting: who is there, the item, what is decided."""
