"""What nobody expected: logged where it broke, never what it was about."""

import logging
import secrets
import traceback

log = logging.getLogger(__name__)


def incident(unexpected: BaseException) -> str:
    """Log where something broke, without what it was about, and return the sentence with its number."""
    number = secrets.token_hex(3)
    # The exception's own words may quote a case: only its kind and the places in our code are kept.
    frames = traceback.extract_tb(unexpected.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    log.error("incident %s: %s at %s", number, type(unexpected).__name__, " < ".join(reversed(places[-6:])))
    return f"Something went wrong on my side; nothing was saved. Tell your administrator number {number}."
