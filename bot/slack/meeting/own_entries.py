"""`/meeting undo`, `/meeting mine` and their buttons: what a person recorded in the open meeting."""

import re
from dataclasses import replace
from typing import Final

from bot.errors import Mistake, OutOfDate
from bot.records.access.queries import Where
from bot.services.actions import editing
from bot.services.meeting import undoing
from bot.slack.actions import answer_views
from bot.slack.actions.answering import taken_back, undo_added
from bot.slack.meeting import undo_views
from bot.slack.meeting.duties import shown_anywhere
from bot.slack.request import Reply, Request, number_of, offering, the_panel

_ENTRY: Final = re.compile("(?P<kind>note|decision|attendance|edit)-(?P<number>[0-9]{1,10})", re.ASCII)


def undo(request: Request) -> Reply:
    """Take back this person's last entry, or ask first if the entry is older than a minute."""
    if undo_views.names_another(request.text):
        with offering("/meeting mine"):
            raise Mistake("I take back your last entry only. `/meeting mine` shows all of yours, each with its button.")
    where = the_panel(replace(request, text=_LAST_ONE.sub("", request.text)))
    with offering("/meeting mine"):
        found = request.do(undoing.last_entry, where)
    if found.is_old:
        return request.shown(undo_views.undo_question(found))
    if isinstance(found.found, undoing.GivenAction):
        return undo_added(request, found.found.action.id)
    return Reply(text=_taken_back(request, where, found.key))


#: Words that name the last entry, which is what is taken back: "that last one", "my last note".
_LAST_ONE: Final = re.compile(
    r"^(?:(?:that|this|it|the|my|our|very|last|latest|just|now|please|pls|one|bit|line|entry|entries|note|decision|thing"
    r"|action|what|i|did|wrote|put|added|recorded|noted|typed|said)\b[\s,.!]*)+",
    re.IGNORECASE,
)


def clicked_undo(request: Request) -> Reply:
    """Take back the entry that the clicked question names, if it is still this person's last one."""
    where, key = request.panel_and(":")
    if not _ENTRY.fullmatch(key):
        raise OutOfDate
    return Reply(text=_taken_back(request, where, key), replaces=True)


def mine(request: Request) -> Reply:
    """Show what this person recorded in the open meeting."""
    return request.shown(undo_views.own_entries(request.do(undoing.own_entries, the_panel(request))))


def clicked_mine(request: Request) -> Reply:
    """Show what this person recorded in the open meeting of the panel in the button's value."""
    where, _ = request.panel_and()
    return shown_anywhere(request, undo_views.own_entries(request.do(undoing.own_entries, where)), "Your entries")


def clicked_take_back(request: Request) -> Reply:
    """Take back the entry in the button's value, which may be any of this person's notes, decisions or attendance."""
    where, key = request.panel_and(":")
    if not _ENTRY.fullmatch(key) or key.startswith("edit"):
        raise OutOfDate
    return taken_back(request, _taken_back(request, where, key, is_last=False))


def _taken_back(request: Request, where: Where, key: str, *, is_last: bool = True) -> str:
    if key.startswith("attendance"):
        return undo_views.attendance_undone(request.do(undoing.undo_attendance, where, key, is_last=is_last))
    if key.startswith("edit"):
        if request.do(undoing.last_entry, where).key != key:
            raise Mistake(undoing.OVERTAKEN)
        return answer_views.correction_undone(request.do(editing.undo_edit, number_of(key.removeprefix("edit-"))))
    return undo_views.undone(request.do(undoing.undo_last, where, key, is_last=is_last))
