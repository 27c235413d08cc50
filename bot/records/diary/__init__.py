"""Shared code about the diary: panels, their series and their meetings."""
