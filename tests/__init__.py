"""Tests mirror bot/; journeys are told as people speak."""
