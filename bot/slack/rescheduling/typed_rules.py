"""Reading the typed rule of a series, and what to say about an unclear rule or a day without a meeting."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Final

from bot.domain.language.day_words import MONTHS, day_in
from bot.domain.language.diary_words import SaidDay
from bot.domain.permissions import Verb as May
from bot.errors import Mistake, NotForYou
from bot.records.access.queries import Where
from bot.records.diary.queries import MeetingChoice
from bot.slack.blocks import VIEW_BLOCKS, cut, escape, moment, section
from bot.slack.request import Reply, Request, take_panel
from bot.slack.typed import plain

#: "Change it to every second Wednesday": words before the rule that are not part of it.
_LEADS_TO_RULE: Final = re.compile(
    r"^(?:(?:it|the|our|series|rhythm|meetings?|panel|dates?)\s+)*(?:to\s+(?:be\s+|meet\s+)?|:\s*)", re.IGNORECASE
)
#: Begins the words in an offered command that its rule leaves out, so that the command's answer can name them too.
_LEFT_OUT: Final = re.compile(r"\s*\[left out: (?P<words>[^\]]+)\]")
_LONGEST: Final = 100


def take_rule(request: Request) -> tuple[Where, str, str]:
    """Return the panel and the rule in a typed line, and the words in its part "[left out: …]", if it has one."""
    left_out = _LEFT_OUT.search(request.text)
    where, rule = take_panel(request, _LEFT_OUT.sub("", request.text), May.SCHEDULE)
    return where, _LEADS_TO_RULE.sub("", plain(rule)), plain(left_out["words"]) if left_out else ""


def leaving_out(reply: Reply, words: str) -> Reply:
    """Return the reply with a note above its form, quoting the typed words that are not part of the rule."""
    if reply.modal is None or not words:
        return reply
    note = section(
        f":warning: I couldn't use “{escape(words)}” here. Nothing is recorded yet: please check the dates and "
        "times. You can't set the length of a meeting here."
    )
    return replace(reply, modal={**reply.modal, "blocks": [note, *reply.modal["blocks"]][:VIEW_BLOCKS]})


@contextmanager
def rules_again(request: Request, verb: str) -> Iterator[None]:
    """If a typed rule can't be read, raise the refusal with a button for each rule that was probably meant.

    The command of each button also quotes the typed words that its rule leaves out.
    """
    try:
        yield
    except (Mistake, NotForYou) as refused:
        origin = refused if isinstance(refused, Mistake) else refused.__context__
        where = take_rule(request)[0]
        key = f" {where.panel_key}" if where.panel_key else ""
        if isinstance(origin, Mistake):
            left = origin.left_out or ("",) * len(origin.rules)
            refused.commands = tuple(
                (rule, f"/panel {verb} {rule}{key}{_noted(words)}")
                for rule, words in zip(origin.rules, left, strict=True)
            )
        raise


def _noted(words: str) -> str:
    words = re.sub(r"[\[\]<>]", "", words).strip()
    return f" [left out: {cut(words, _LONGEST)}]" if words else ""


def no_meeting_on(meetings: Sequence[MeetingChoice], said: SaidDay) -> str:
    """Return a sentence saying that no meeting is on the typed day, and when the nearest is.

    Return "" if a meeting is on that day, if no day and month are typed, or if there are no meetings.
    """
    if said.day is None or said.month is None or any(said.matches(one.starts_at.date()) for one in meetings):
        return ""

    def distance(one: MeetingChoice) -> int:
        at = one.starts_at.date()
        on = day_in(said.year or at.year, said.month or at.month, said.day or at.day)
        return abs((at - on).days) if on else date.max.toordinal()

    nearest = min(meetings, key=distance, default=None)
    typed = f"{said.day} {MONTHS[said.month - 1]}"
    return f"There's no meeting on {typed}. The nearest is on {moment(nearest.starts_at)}." if nearest else ""
