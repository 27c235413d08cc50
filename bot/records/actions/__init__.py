"""What use cases share of actions: given, done, extended, chased and listed."""
