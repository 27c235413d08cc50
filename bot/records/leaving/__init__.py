"""Shared code about leaving: what people and panels leave behind, and who takes it over."""
