"""Shared code about cases: flags, declared interests, and earlier hearings."""
