"""The county file: the use case that applies it."""

from bot.services.county.application import apply_county

__all__ = ["apply_county"]
