"""Use cases of rescheduling: meetings that move, new rules for a series."""
