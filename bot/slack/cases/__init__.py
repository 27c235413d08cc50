"""What Slack shows and takes of cases: flags, declared interests, and what was heard of a case."""
