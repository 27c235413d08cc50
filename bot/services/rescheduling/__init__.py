"""Use cases of rescheduling: moving and cancelling meetings, and changing the rule of a series."""
