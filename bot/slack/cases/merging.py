"""`/case merge`: two references of one child become one case, after a preview."""

import re
from typing import Final

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.services.cases import merging
from bot.slack.cases import merge_views
from bot.slack.references import whole_reference
from bot.slack.request import Reply, Request, TypedAgain, fingerprint, take_panel, unread
from bot.slack.typed import take_reason, without_lead

_BETWEEN: Final = re.compile(r"\s+(?P<word>into|with|and|to|in|->|=|&|\+)\s+", re.IGNORECASE)
#: Between two references, words that don't say which of them is kept.
_EITHER_WAY: Final = frozenset({"and", "with", "=", "&", "+"})


def merge(request: Request, usage: str) -> Reply:
    """Show a preview of merging two references, typed as `OLD into NEW [panel] because REASON`.

    Raise TypedAgain if the words between the two don't say which one is kept.
    """
    head, why = take_reason(request.text)
    where, text = take_panel(request, head, May.READ_CASES)
    typed = without_lead(text)
    old, *others = _BETWEEN.sub("\n", typed).split("\n")
    asked = f"Which two references? {usage}"
    if not others:
        raise Mistake(asked)
    if not why and len(others) == 1 and " " in others[0]:
        others[0], _, why = others[0].partition(" ")  # the words after it may be the reason, so the form shows them
        others[0] = others[0].rstrip(",.;:")
    if len(others) != 1 or " " in old + others[0]:
        raise unread(text, asked)
    old, kept = (whole_reference(request, each) for each in (old, others[0]))
    found = request.do(merging.preview_merge, where, old, kept)
    between = _BETWEEN.search(typed)
    if between is not None and between["word"].lower() in _EITHER_WAY:
        key = f" {where.panel_key}" if where.panel_key else ""
        because = f" because {why}" if why else ""
        commands = [f"/case merge {one} into {other}{key}{because}" for one, other in ((old, kept), (kept, old))]
        labels = (f"Keep {kept}", f"Keep {old}")
        raise TypedAgain("Which of the two references do you want to keep?", list(zip(labels, commands, strict=True)))
    return request.shown(merge_views.preview(found, fingerprint(found), reason=why))


def merged(request: Request) -> Reply:
    """Merge two references, or show the preview again if either case has changed since the preview."""
    carried = request.metadata
    asked = request.panel(), carried.text("old"), carried.text("kept")
    found = request.do(merging.preview_merge, *asked)
    if carried.text("seen") != fingerprint(found):
        shown = merge_views.preview(found, fingerprint(found), reason=request.field("reason"), again=True)
        return Reply(next_view=shown)
    return Reply(text=merge_views.merged(request.do(merging.merge_references, *asked, request.field("reason"))))
