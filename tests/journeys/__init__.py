"""Whole stories over the real protocols."""
