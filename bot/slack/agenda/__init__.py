"""What Slack shows and takes of the agenda: triage, what is owed a hearing, the agenda and what agencies bring to it."""
