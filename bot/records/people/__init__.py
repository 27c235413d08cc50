"""Shared code about people: their places, their deputies, and who reads closed items."""
