"""What Slack shows and takes of the agenda: triage, what is owed a hearing, its paper, returns."""
