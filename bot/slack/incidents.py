"""Unexpected errors: logged by where they broke, never by what they were about, and told to people in a sentence."""

import logging
import re
import secrets
import threading
import time
import traceback
from collections.abc import Callable
from typing import Final

from bot.slack.blocks import capital, counted, escape
from bot.store.faults import Fault, fault_of, own_words

log = logging.getLogger(__name__)

SECONDS_BETWEEN = 60.0


class Outages:
    """Logging, at most once a minute, of what is wrong with the database and how often it was met since."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._said: dict[Fault, float] = {}
        self._unsaid: dict[Fault, int] = {}

    def met(self, fault: Fault, reason: str) -> None:
        """Log the database's own reason, unless it was logged less than a minute ago."""
        with self._lock:
            now = self._elapsed()
            self._unsaid[fault] = self._unsaid.get(fault, 0) + 1
            if now < self._said.get(fault, -SECONDS_BETWEEN) + SECONDS_BETWEEN:
                return
            self._said[fault] = now
            times = self._unsaid.pop(fault)
        state = fault.name.lower().replace("_", "-")
        log.error("the database is %s: %s (met %s)", state, reason, counted(times, "time"))


_OUTAGES = Outages()  # one for the process: ticks, courier and commands meet the same database


def incident(unexpected: BaseException) -> str:
    """Log where something broke, without what it was about. Return the sentence with its number.

    Where the database is why, its own reason is logged, once a minute, and the sentence says what is the matter.
    """
    cause = unexpected if unexpected.__cause__ is None else unexpected.__cause__
    fault = fault_of(unexpected) or fault_of(cause)
    if fault is not None:
        _OUTAGES.met(fault, own_words(unexpected if fault_of(unexpected) else cause))
        return fault.value
    number = secrets.token_hex(3)
    # The exception's own words may quote a case: only its kind and the places in our code are kept.
    frames = traceback.extract_tb(unexpected.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    log.error("incident %s: %s at %s", number, type(unexpected).__name__, " < ".join(reversed(places[-6:])))
    return f"Something went wrong on my side; nothing was saved. Tell your administrator number {number}."


_MENTION: Final = re.compile(r"<(@[UW][A-Z0-9]+)>")
_ESCAPED_MENTION: Final = re.compile(r"&lt;(@[UW][A-Z0-9]+)&gt;")


def for_message(sentence: str, said: str) -> str:
    """Return a refusal for a message or modal, mentioning only people who are in what was `said`.

    What else looks like Slack's marks, as in a panel's title, is text.
    """
    return _ESCAPED_MENTION.sub(lambda found: f"<{found[1]}>" if found[1][1:] in said else found[0], escape(sentence))


def for_field(sentence: str) -> str:
    """Return a sentence for a form's field, which shows plain text, without mentions or marks around commands."""
    return capital(_MENTION.sub("that person", sentence).replace("`", ""))
