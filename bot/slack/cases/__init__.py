"""Slack's part of cases: flags, declared interests, and earlier hearings."""
