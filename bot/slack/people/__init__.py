"""What Slack shows and takes of people: places, deputies and people who leave."""
