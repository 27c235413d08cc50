"""Shared queries and changes about people: places, deputies and readers."""
