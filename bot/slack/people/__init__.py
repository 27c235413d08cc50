"""What Slack shows and takes of people: who sits where, and who stands in for whom."""
