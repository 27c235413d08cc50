"""`/meeting undo`, `/meeting mine` and their buttons: what a person recorded in the open meeting."""

import re
from typing import Final

from bot.errors import Mistake, OutOfDate
from bot.records.access.queries import Where
from bot.services.actions import correcting, editing
from bot.services.meeting import undoing
from bot.slack.actions import answer_views
from bot.slack.meeting import undo_views
from bot.slack.request import Reply, Request, number_of, the_panel

#: The reason recorded when a person gives an action and takes it back at once.
_TAKEN_BACK: Final = "Taken back by the person who gave it, within a minute."
_ENTRY: Final = re.compile("(?P<kind>note|decision|attendance|edit)-(?P<number>[0-9]{1,10})", re.ASCII)


def undo(request: Request) -> Reply:
    """Take back this person's last entry, or ask first if the entry is older than a minute."""
    where = the_panel(request)
    found = request.do(undoing.last_entry, where)
    if found.is_old:
        return request.shown(undo_views.undo_question(found))
    if isinstance(found.found, undoing.GivenAction):
        withdrawn = request.do(correcting.withdraw_action, found.found.action.id, _TAKEN_BACK)
        return Reply(text=answer_views.withdrawn(withdrawn))
    return Reply(text=_taken_back(request, where, found.key))


def clicked_undo(request: Request) -> Reply:
    """Take back the entry that the clicked question names, if it is still this person's last one."""
    where, key = request.panel_and(":")
    if not _ENTRY.fullmatch(key):
        raise OutOfDate
    return Reply(text=_taken_back(request, where, key), replaces=True)


def mine(request: Request) -> Reply:
    """Show what this person recorded in the open meeting."""
    return request.shown(undo_views.mine(request.do(undoing.own_entries, the_panel(request))))


def _taken_back(request: Request, where: Where, key: str) -> str:
    if key.startswith("attendance"):
        return undo_views.attendance_undone(request.do(undoing.undo_attendance, where, key))
    if key.startswith("edit"):
        if request.do(undoing.last_entry, where).key != key:
            raise Mistake(undoing.OVERTAKEN)
        return undo_views.correction_undone(request.do(editing.undo_edit, number_of(key.removeprefix("edit-"))))
    return undo_views.undone(request.do(undoing.undo_last, where, key))
