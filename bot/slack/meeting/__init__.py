"""What Slack shows and takes of the meeting: the meeting being held: who is there, the item, what is decided."""
