"""Shared code about meetings: who is there, the item being discussed, notes, decisions and the board."""
