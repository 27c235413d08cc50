"""What use cases share of Home: one person's overview, and what did not arrive."""
