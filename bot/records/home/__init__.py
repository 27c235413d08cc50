"""Shared code about Home, the overview that each person sees in Slack."""
