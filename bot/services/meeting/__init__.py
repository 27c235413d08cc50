"""Use cases of the meeting: opening, attendance, items, notes, decisions and closing."""
