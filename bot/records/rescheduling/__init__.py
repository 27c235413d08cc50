"""What use cases share of rescheduling: meetings that move, are cancelled or put back, and new rules for a series."""
