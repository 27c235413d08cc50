"""Shared code about people: places, deputies and readers."""
