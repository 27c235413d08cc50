"""Slack's part of people: places, deputies and people who leave."""
