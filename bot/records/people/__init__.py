"""What use cases share of people: who sits where, and who stands in for whom."""
