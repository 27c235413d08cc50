"""Shared code about Home: one person's overview."""
