"""Unexpected errors: the log gets the place in the code but no content, and people get a sentence with a number."""

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
    """The log of database faults, which has at most one entry a minute for each kind of fault."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._said: dict[Fault, float] = {}
        self._unsaid: dict[Fault, int] = {}

    def met(self, fault: Fault, reason: str) -> None:
        """Count a database fault, and log its `reason` unless the same kind was logged within the last minute."""
        with self._lock:
            now = self._elapsed()
            self._unsaid[fault] = self._unsaid.get(fault, 0) + 1
            if now < self._said.get(fault, -SECONDS_BETWEEN) + SECONDS_BETWEEN:
                return
            self._said[fault] = now
            times = self._unsaid.pop(fault)
        state = fault.name.lower().replace("_", "-")
        log.error("the database is %s: %s (met %s)", state, reason, counted(times, "time"))


_OUTAGES = Outages()  # one for the process, since ticks, courier and commands use the same database


def incident(unexpected: BaseException) -> str:
    """Log an error's kind and place in the code under a number. Return a sentence for the person with this number.

    If the database is at fault, log the database's own reason, at most once a minute, and return what is wrong.
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
    return f"Something went wrong on my side, and nothing was saved. Give your administrator this code: {number}."


_MENTION: Final = re.compile(r"<(@[UW][A-Z0-9]+)>")
_ESCAPED_MENTION: Final = re.compile(r"&lt;(@[UW][A-Z0-9]+)&gt;")


def for_message(sentence: str, said: str) -> str:
    """Return a refusal as mrkdwn. A mention is kept only if the person's own words `said` have it too.

    Other text that looks like Slack's markup, such as a panel's title, is escaped.
    """
    return _ESCAPED_MENTION.sub(lambda found: f"<{found[1]}>" if found[1][1:] in said else found[0], escape(sentence))


def for_field(sentence: str) -> str:
    """Return a sentence as plain text for the error under a form's field, without mentions and backticks."""
    return capital(_MENTION.sub("that person", sentence).replace("`", ""))
