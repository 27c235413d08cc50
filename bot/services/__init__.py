"""Use cases. Each is one function and one transaction, and returns frozen views."""
