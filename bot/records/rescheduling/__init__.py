"""What use cases share of rescheduling: meetings that move, new rules for a series."""
