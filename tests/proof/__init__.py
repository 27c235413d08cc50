"""Proofs that take minutes or hours: `make mutation`, and what it works with."""
