"""What Slack shows and takes of rescheduling: meetings that move, new rules for a series."""
