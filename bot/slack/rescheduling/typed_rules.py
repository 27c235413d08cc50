"""The rule of a series as typed after `/panel create` or `change`, and the rules offered for one that can't be read."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from bot.domain.permissions import Verb as May
from bot.errors import Mistake, NotForYou
from bot.records.access.queries import Where
from bot.slack.blocks import VIEW_BLOCKS, cut, escape, section
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
    """Return the panel of a typed line, the rule in it, and the words that an offered rule leaves out."""
    left_out = _LEFT_OUT.search(request.text)
    where, rule = take_panel(request, _LEFT_OUT.sub("", request.text), May.SCHEDULE)
    return where, _LEADS_TO_RULE.sub("", plain(rule)), plain(left_out["words"]) if left_out else ""


def leaving_out(reply: Reply, words: str) -> Reply:
    """Return the reply with a note above its form that quotes the typed words that are not part of the rule."""
    if reply.modal is None or not words:
        return reply
    note = section(
        f":warning: “{escape(words)}” isn't part of this rule. Nothing is recorded yet: please check the dates and "
        "times. The kind of panel sets how long a meeting lasts."
    )
    return replace(reply, modal={**reply.modal, "blocks": [note, *reply.modal["blocks"]][:VIEW_BLOCKS]})


@contextmanager
def rules_again(request: Request, verb: str) -> Iterator[None]:
    """If a typed rule can't be read, raise the refusal with a button for each rule that was probably meant.

    The command of a button also has the words that its rule leaves out.
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
