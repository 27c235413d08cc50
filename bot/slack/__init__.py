"""Slack's face of the core: it translates, and decides nothing."""
