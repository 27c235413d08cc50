"""Use cases of actions: given, done, extended, chased and listed."""
