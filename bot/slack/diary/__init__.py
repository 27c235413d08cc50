"""What Slack shows and takes of the diary: panels, their series and their meetings."""
