"""Splitting the time left in an open meeting between the cases still to be heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.meetings import AgendaItem, Board, Meeting
from bot.models.vocabulary import ItemState
from bot.records.access.queries import Where, local_time
from bot.records.meeting.board import items_for_all, redraw_board
from bot.records.meeting.queries import open_sitting
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_LEFT = (ItemState.PENDING, ItemState.CURRENT)


@dataclass(frozen=True, slots=True)
class SplitTime:
    """The time left in the meeting, and how much of it each case gets."""

    left: int  #: minutes until the planned end
    until: datetime  #: the planned end, on the panel's clock
    cases: int
    each: int  #: minutes


def split_time(work: Work, actor: Actor, where: Where) -> SplitTime:
    """Split the time until the planned end equally between the cases that are left. Return how long each case gets.

    All other items keep their minutes. A case that is kept from any member keeps its minutes too. The board shows
    minutes to everyone, so a change would reveal such a case. The current case gets its share in addition to the
    minutes it has had. Raise Mistake if no case is left, or if there is less than a minute for each.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING)
    waiting = [item for item in items_for_all(work, meeting) if item.state in _LEFT]
    cases = [item for item in waiting if item.flag_id is not None]
    until = local_time(work, standing.panel, meeting.ends_at)
    if not cases:
        raise Mistake("No case is left, so there is no time to split. To end the meeting: `/meeting close`.")
    left = round((meeting.ends_at - work.now) / timedelta(minutes=1))
    each = (left - sum(item.minutes for item in waiting if item.flag_id is None)) // len(cases)
    if each < 1:
        raise Mistake(_too_little(left, until, len(cases)))
    had = _had(work, meeting, cases)
    for item in cases:
        item.minutes, item.is_timed = each + had.get(id_of(item), 0), True
        work.session.add(item)
    work.session.flush()
    redraw_board(work, standing.panel, meeting)
    work.audit("split", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return SplitTime(left, until, len(cases), each)


def _had(work: Work, meeting: Meeting, cases: Sequence[AgendaItem]) -> dict[int, int]:
    """Return how many minutes the current case has taken so far, as a dict with its item id as the only key.

    Without a current case, return an empty dict.
    """
    board = work.session.get(Board, id_of(meeting))
    if board is None or board.item_since is None:
        return {}
    had = round((work.now - board.item_since) / timedelta(minutes=1))
    return {id_of(item): had for item in cases if item.state is ItemState.CURRENT and item.id == board.item_id}


def _too_little(left: int, until: datetime, cases: int) -> str:
    offer = "Skip a case (`/meeting skip`), and it goes to the next meeting."
    if left <= 0:
        return f"The planned end, {until:%H:%M}, has passed, so no time is left to split. {offer}"
    minutes = "1 minute is" if left == 1 else f"{left} minutes are"
    return (
        f"{minutes} left until {until:%H:%M}, which is too little for "
        f"{'1 case' if cases == 1 else f'{cases} cases'}. {offer}"
    )
