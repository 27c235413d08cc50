"""The agenda of a meeting as one reader sees it, and the meeting to which an agenda command applies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select

from bot.domain.agenda_order import Overrun
from bot.domain.flag_state import LIVE_STATES
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.vocabulary import FlagState, MeetingState
from bot.records.access.queries import Standing, Where, find_panel, local_time
from bot.records.agenda.published import version_for
from bot.records.agenda.queries import ItemView, lines_for, overrun_at, view_items
from bot.records.cases.order import most_pressing
from bot.records.diary.queries import OfMeeting, flags_at, lock_diary, of_meeting, open_or_next
from bot.store.rows import Page, id_of
from bot.store.unit_of_work import Work

_STEP: Final = 5  # minutes: nobody ends a meeting at 16:07
_MOST_DROPPED: Final = 5
HAS_BEGUN: Final = "The meeting is open, so its agenda can't change. `/meeting next` goes to the next item."


@dataclass(frozen=True, slots=True)
class AgendaView(OfMeeting):
    """A meeting's agenda as one reader sees it, with the steps that this reader may take."""

    version: int  #: as this reader counts them; 0 until published
    is_compiled: bool
    items: tuple[ItemView, ...]
    count: int  #: of all pages
    first: int  #: where the page begins, from 0
    overrun: Overrun | None  #: none when everything that this reader sees fits
    waiting: int  #: flags that need triage and that the reader may see
    changed: str = ""  #: what changed since the version before, in sentences
    pending: str = ""  #: what has changed and is not published yet, for people who may publish it
    may_compile: bool = False
    is_open: bool = False  #: the meeting is being held
    is_over: bool = False  #: the meeting is closed
    may_run: bool = False  #: the reader may choose which item is discussed
    longer: datetime | None = None  #: the end that the meeting would need, for people who may lengthen it
    may_triage: bool = False  #: the reader triages
    may_defer: bool = False  #: the reader may defer accepted cases
    droppable: tuple[tuple[int, str], ...] = ()  #: flags to defer so that the rest fits, if the reader may
    droppable_more: int = 0  #: so many more flags to defer, beyond the first five


def coming_meeting(
    work: Work, actor: Actor, where: Where, verb: Verb, *, or_open: bool = False, is_read: bool = False
) -> tuple[Standing, Meeting]:
    """Return the person's standing and the panel's next meeting. Unless `is_read`, lock the panel's diary.

    Raise Mistake if no meeting is in the diary. If the meeting is open, raise Mistake unless `or_open`.
    """
    standing = find_panel(work, actor, where, verb)
    if not is_read:
        lock_diary(work, standing.panel_id)
    meeting = open_or_next(work, [standing.panel_id], for_cases=True).get(standing.panel_id)
    if meeting is None:
        raise Mistake(f"{standing.panel.title} has no meeting in the diary. To add meetings: `/panel create`.")
    if meeting.state is MeetingState.OPEN and not or_open:
        raise Mistake(HAS_BEGUN)
    return standing, meeting


def view_agenda(work: Work, standing: Standing, meeting: Meeting, page: Page) -> AgendaView:
    """Return one page of an agenda as this reader sees it. Record that the reader has read the cases shown."""
    panel, reader_id = standing.panel, standing.actor.person_id
    lines = lines_for(work, reader_id, meeting)
    page = page.within(len(lines))
    items = view_items(work, reader_id, panel, meeting, lines=lines, page=page, with_words=False)
    is_coming = meeting.state is MeetingState.SCHEDULED
    may_compile = standing.may(Verb.COMPILE) and is_coming
    version = version_for(work, reader_id, panel, meeting, lines, with_facts=may_compile)
    live = flags_at(work, standing.actor, [id_of(meeting)], col(Flag.state).in_(LIVE_STATES))
    overrun = overrun_at(work, panel, meeting, lines)
    longer, dropped = None, list[tuple[Flag, Case]]()
    if overrun is not None and is_coming:
        longer = _fitting_end(work, standing, meeting, overrun.minutes)
        dropped = _droppable(work, standing, meeting, lines, overrun.minutes)
    listed = {item.flag.case_id for item in items if item.flag is not None}
    named = {*version.case_ids, *(id_of(case) for _, case in dropped[:_MOST_DROPPED])} - listed
    work.saw(reader_id, ((case_id, id_of(panel)) for case_id in sorted(named)))
    return AgendaView(
        *of_meeting(work, panel, meeting),
        version=version.number,
        is_compiled=bool(lines),
        items=items,
        count=len(lines),
        first=page.first,
        overrun=overrun,
        waiting=live.get((id_of(meeting), FlagState.OPEN), 0),
        may_triage=standing.may(Verb.TRIAGE),
        may_defer=is_coming and standing.may(Verb.TRIAGE) and (id_of(meeting), FlagState.ACCEPTED) in live,
        changed=version.words,
        pending=version.pending.words if version.pending and may_compile else "",
        is_open=meeting.state is MeetingState.OPEN,
        is_over=meeting.state is MeetingState.CLOSED,
        may_run=standing.may(Verb.RUN_MEETING),
        may_compile=may_compile,
        longer=longer,
        droppable=tuple((id_of(flag), case.reference) for flag, case in dropped[:_MOST_DROPPED]),
        droppable_more=max(0, len(dropped) - _MOST_DROPPED),
    )


def _fitting_end(work: Work, standing: Standing, meeting: Meeting, over: int) -> datetime | None:
    """Return when the meeting would have to end so that all items fit, rounded up to five minutes.

    Return None if that is after midnight, or if the reader may not lengthen meetings.
    """
    if not standing.may(Verb.SCHEDULE):
        return None
    more = -(-over // _STEP) * _STEP
    ends = local_time(work, standing.panel, meeting.ends_at + timedelta(minutes=more))
    is_same_day = ends.date() == local_time(work, standing.panel, meeting.starts_at).date()
    return ends if is_same_day else None


def _droppable(
    work: Work, standing: Standing, meeting: Meeting, lines: Sequence[AgendaItem], over: int
) -> list[tuple[Flag, Case]]:
    """Return the cases to defer so that the rest fits, the least pressing first.

    Return none to a reader who may not defer cases.
    """
    if not standing.may(Verb.TRIAGE):
        return []
    minutes = {line.flag_id: line.minutes for line in lines if line.flag_id is not None}
    query = (
        select(Flag, Case)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.id).in_(minutes), col(Flag.state) == FlagState.ACCEPTED)
        .order_by(*most_pressing(work, standing.panel, meeting))
    )
    found: list[tuple[Flag, Case]] = []
    for flag, case in reversed(work.session.execute(query).all()):
        if over <= 0:
            break
        found.append((flag, case))
        over -= minutes[flag.id]
    return found
