"""Shared code about actions: given, reported, extended, chased, corrected and listed."""
