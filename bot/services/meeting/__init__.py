"""Use cases of the meeting: the meeting being held: who is there, the item, what is decided."""
