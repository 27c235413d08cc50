"""Taking back a person's own last entry in the open meeting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import col, select

from bot.domain.decisions import excluded_by
from bot.domain.permissions import Actor, Verb
from bot.domain.states import OPEN_STATES
from bot.errors import Mistake, NotForYou, NotTheirDuty
from bot.models.actions import Action
from bot.models.cases import Case
from bot.models.meetings import AgendaItem, Decision, Meeting, Note
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import ActionEventKind, MeetingState
from bot.records.access.queries import Standing, Where, local_time, readable, standing_on
from bot.records.actions.edits import AT_ONCE, ChangedFact, Edit, edits_by, facts_changed, was_changed
from bot.records.actions.queries import ActionView, answers_by, view_actions
from bot.records.cases.decisions import NOTE_STANDS, STANDS, decisions_in_force, view_decision
from bot.records.meeting.attendance import (
    AttendanceAct,
    AttendanceChange,
    AttendanceLine,
    acts_of,
    changes_of,
    entries_in_force,
    take_back_act,
)
from bot.records.meeting.board import redraw_board
from bot.records.meeting.changes import hold_item, take_back_notes
from bot.records.meeting.notes import entry_key
from bot.records.meeting.queries import CurrentItem, Line, TakenBack, lines_of, open_sitting, view_current, view_note
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: After this time a person is asked before their entry is taken back, since they may mean another one.
_NOTHING: Final = "You have recorded nothing in this meeting that you can take back."
#: The error for an entry that is no longer the person's last one.
OVERTAKEN: Final = (
    "You have recorded something else since, or this entry was changed. "
    "Nothing was taken back. `/meeting undo` shows your last entry."
)


@dataclass(frozen=True, slots=True)
class GivenAction:
    """An action that a person gave in the meeting. Taking this entry back withdraws the action."""

    action: ActionView


@dataclass(frozen=True, slots=True)
class AnsweredAction:
    """An earlier action on which a person recorded the panel's answer. `/meeting undo` leaves the answer as it is."""

    action: ActionView
    answer: ActionEventKind


@dataclass(frozen=True, slots=True)
class CorrectedAction:
    """An action that a person corrected in the meeting. Taking this entry back undoes the correction."""

    action: ActionView
    event_id: int  #: of the correction's line in the action's history
    changes: tuple[ChangedFact, ...]
    is_overtaken: bool = False  #: corrected again since, so it can't be taken back


#: What a person can take back.
Entry = TakenBack | AttendanceAct | GivenAction | CorrectedAction


@dataclass(frozen=True, slots=True)
class LastEntry:
    """A person's last entry in a meeting. If it is old, the person is asked before it is taken back."""

    panel_key: str
    key: str  #: names the entry, so that a button takes back this one and no later one
    found: Entry
    is_old: bool  #: so old that the person is asked first


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """One entry of a person in a meeting, with its time on the panel's clock."""

    made_at: datetime
    found: Entry | AnsweredAction
    key: str = ""
    is_last: bool = False  #: `/meeting undo` takes this entry back
    item_id: int | None = None  #: the item of a note or decision


@dataclass(frozen=True, slots=True)
class OwnEntries:
    """A person's entries in force in the open meeting, the newest first."""

    panel_title: str
    entries: tuple[OwnEntry, ...]
    panel_key: str = ""
    may_take_attendance: bool = False  #: the person may correct attendance


def last_entry(work: Work, actor: Actor, where: Where) -> LastEntry:
    """Return this person's last entry in force in the open meeting. Raise Mistake if there is none."""
    standing, meeting = _sitting(work, actor, where)
    everything = _own(work, standing, meeting, with_overtaken=True)
    made = [one for one in everything if not _is_overtaken(one)]
    if not made:
        raise Mistake(_NOTHING)
    (at, key, what), newest = made[0], everything[0]
    # A person who has changed the action since, or whose newest correction was overtaken, may mean something else.
    is_unsure = newest is not made[0] or (isinstance(what, int) and was_changed(work, what))
    found = _viewed(work, standing, meeting, made[:1])[0]
    return LastEntry(standing.panel.key, key, found, is_unsure or work.now - at >= AT_ONCE)


def _is_overtaken(made: "_Made") -> bool:
    return isinstance(made[2], Edit) and made[2].is_overtaken


def own_entries(work: Work, actor: Actor, where: Where) -> OwnEntries:
    """Return this person's entries in force in the open meeting, under items that they may read now.

    Answers about earlier actions are included, although `last_entry` leaves them out.
    """
    standing, meeting = _sitting(work, actor, where)
    made = _own(work, standing, meeting, with_overtaken=True)
    panel = standing.panel
    viewed = _viewed(work, standing, meeting, made)
    last = next((key for at, key, what in made if not _is_overtaken((at, key, what))), None)
    entries = [
        OwnEntry(local_time(work, panel, at), found, key, key == last, _item_id_of(what))
        for (at, key, what), found in zip(made, viewed, strict=True)
    ]
    entries += _answers(work, standing, meeting)
    entries.sort(key=lambda one: one.made_at, reverse=True)
    return OwnEntries(panel.title, tuple(entries), panel.key, standing.may(Verb.TAKE_ATTENDANCE))


def _item_id_of(entry: object) -> int | None:
    return entry.item_id if isinstance(entry, Note | Decision) else None


def _answers(work: Work, standing: Standing, meeting: Meeting) -> list[OwnEntry]:
    """Return the answers on earlier actions, newest first, if this person recorded them and may see them."""
    if not standing.may(Verb.DECIDE):
        return []
    me = standing.actor.person_id
    given = answers_by(work, standing.panel_id, me, meeting.opened_at or work.now)
    if not given:
        return []
    numbers = col(Action.id).in_([one.action_id for one in given])
    actions = {one.id: one for one in view_actions(work, me, numbers, with_withdrawn=True)}
    return [
        OwnEntry(local_time(work, standing.panel, one.at), AnsweredAction(actions[one.action_id], one.kind))
        for one in reversed(given)
        if one.action_id in actions
    ]


_Made = tuple[datetime, str, Note | Decision | AttendanceAct | Edit | int]


def _sitting(work: Work, actor: Actor, where: Where) -> tuple[Standing, Meeting]:
    """Return the person's standing and the open meeting, if the person may record in it or at least see it."""
    try:
        return open_sitting(work, actor, where, Verb.NOTE)
    except (NotForYou, NotTheirDuty):
        return open_sitting(work, actor, where, Verb.SEE_DIARY)


def _own(work: Work, standing: Standing, meeting: Meeting, *, with_overtaken: bool = False) -> list[_Made]:
    """Return a person's entries in force, the newest first. Each comes with its time and its key.

    `with_overtaken` includes corrections of actions that were corrected again since.
    """
    me = standing.actor.person_id
    lines = _lines(work, standing, meeting)
    made: list[_Made] = []
    if standing.may(Verb.NOTE):
        notes = work.find_all(Note, col(Note.item_id).in_(lines), col(Note.written_by_id) == me, NOTE_STANDS)
        of_items = (col(Decision.item_id).in_(lines), col(Decision.decided_by_id) == me, STANDS)
        decisions = work.find_all(Decision, *of_items)
        made += [(one.written_at, entry_key(one), one) for one in sorted(notes, key=id_of)]
        made += [(one.decided_at, entry_key(one), one) for one in sorted(decisions, key=id_of)]
    given = work.session.execute(
        select(Action.id, Action.created_at)
        .join(Case, col(Case.id) == col(Action.case_id), isouter=True)
        .where(
            col(Action.meeting_id) == id_of(meeting),
            col(Action.created_by_id) == me,
            col(Action.state).in_(sorted(OPEN_STATES)),
            col(Action.case_id).is_(None) | readable(me),
        )
        .order_by(col(Action.created_at), col(Action.id))
    )
    made += [(at, f"action-{number}", number) for number, at in given]
    edits = edits_by(work, standing.panel_id, me, meeting.opened_at or work.now)
    made += [(one.at, f"edit-{one.event_id}", one) for one in edits if with_overtaken or not one.is_overtaken]
    made += [(act.recorded_at, act.key, act) for act in reversed(acts_of(work, meeting, me))]
    made.sort(key=lambda one: one[0])
    return made[::-1]  # if several entries have one moment, the kind listed last above counts as the newest


def _viewed(work: Work, standing: Standing, meeting: Meeting, made: Sequence[_Made]) -> list[Entry]:
    """Return entries as their author sees them. Record that the author has read the cases of these entries."""
    lines = _lines(work, standing, meeting)
    rows = [one for _, _, one in made if isinstance(one, Note | Decision)]
    _saw(work, standing, (lines[number] for number in {row.item_id for row in rows}))
    work.keys.fetch(work.session, (row.text if isinstance(row, Note) else row.rationale for row in rows))
    agencies: dict[int | None, str] = {agency.id: agency.name for agency in work.find_all(Agency)}
    edits = [one for _, _, one in made if isinstance(one, Edit)]
    changes = facts_changed(work, standing.actor.person_id, edits)
    numbers = [one for _, _, one in made if isinstance(one, int)] + [one.action_id for one in edits]
    actions = {one.id: one for one in view_actions(work, standing.actor.person_id, col(Action.id).in_(numbers))}
    found: list[Entry] = []
    for _, _, one in made:
        if isinstance(one, int):
            found.append(GivenAction(actions[one]))
        elif isinstance(one, Edit):
            changed = changes.get(one.event_id, ())
            found.append(CorrectedAction(actions[one.action_id], one.event_id, changed, one.is_overtaken))
        elif isinstance(one, AttendanceAct):
            found.append(_on_panels_clock(work, standing, one))
        else:
            entry = view_note(work, one, agencies) if isinstance(one, Note) else view_decision(work, one)
            found.append(TakenBack(entry, lines[one.item_id].item.title))
    return found


def _on_panels_clock(work: Work, standing: Standing, act: AttendanceAct) -> AttendanceAct:
    return replace(act, lines=tuple(_on_clock(work, standing.panel, one) for one in act.lines))


def _on_clock(work: Work, panel: Panel, line: AttendanceLine) -> AttendanceLine:
    def local(at: datetime | None) -> datetime | None:
        return None if at is None else local_time(work, panel, at)

    return replace(line, arrived_at=local(line.arrived_at), left_at=local(line.left_at))


def undo_attendance(work: Work, actor: Actor, where: Where, key: str, *, is_last: bool = True) -> AttendanceAct:
    """Take back this person's last entry, if it recorded attendance. Return the entry.

    Attendance that another person has changed since stays as it is. Raise Mistake if `key` is not this person's last
    entry. If `is_last` is false, `key` may name any of the person's entries in force.
    """
    standing, meeting = _sitting(work, actor, where)
    work.session.exec(select(Meeting.id).where(col(Meeting.id) == id_of(meeting)).with_for_update(key_share=True)).one()
    made = _own(work, standing, meeting)
    act = next((one for _, its_key, one in (made[:1] if is_last else made) if its_key == key), None)
    if not isinstance(act, AttendanceAct):
        raise Mistake(OVERTAKEN)
    take_back_act(work, meeting, key)
    redraw_board(work, standing.panel, meeting)
    work.audit("undo", "attendance", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return _on_panels_clock(work, standing, act)


def undo_last(work: Work, actor: Actor, where: Where, key: str | None = None, *, is_last: bool = True) -> CurrentItem:
    """Take back this person's last note or decision, and restore what it replaced. Return the item.

    The entry stays in the record, marked as taken back. An earlier decision is not restored if a later one excludes it.
    Raise Mistake if there is nothing to take back, or if `key` is not this person's last entry. If `is_last` is false,
    `key` may name any of the person's entries in force.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE)
    latest = _last_of(work, standing, meeting, key, is_last=is_last)
    item = work.session.get_one(AgendaItem, latest.item_id)
    hold_item(work, item)
    work.session.refresh(latest)
    is_gone = latest.undone_at is not None or latest.superseded_by_id is not None
    if is_gone or key not in (None, entry_key(latest)):
        raise Mistake(OVERTAKEN)
    taken = _view(work, latest)
    before: Sequence[Note | Decision]
    if isinstance(latest, Note):
        before = work.find_all(Note, col(Note.superseded_by_id) == latest.id, by=[col(Note.id)])
        take_back_notes(work, actor, item, [latest])
    else:
        before = work.find_all(Decision, col(Decision.superseded_by_id) == latest.id, by=[col(Decision.id)])
        latest.undone_at = work.now
        work.session.flush()  # saved before the decision that it had replaced is in force again
    before = [one for one in before if isinstance(one, Note) or _fits_again(work, one)]
    for one in before:
        one.superseded_by_id = None
    work.session.flush()
    redraw_board(work, standing.panel, meeting, item.id)
    work.audit("undo", "item", item.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    restored = tuple(_view(work, one).entry for one in before)
    return replace(view_current(work, standing, meeting, id_of(item)), taken_back=replace(taken, restored=restored))


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """The facts for a message that a person's entry was replaced or taken back. The entry's words are left out."""

    panel_key: str
    panel_title: str
    item_id: int
    title: str
    by_name: str


def compose_changed(work: Work, actor: Actor, item_id: int, changed_by_id: int) -> ChangedEntry | None:
    """Return the facts for the message that a person's entry was changed.

    Return None if the item is kept from the person now.
    """
    item = work.session.get(AgendaItem, item_id)
    if item is None:
        return None
    meeting = work.session.get_one(Meeting, item.meeting_id)
    line = next((one for one in lines_of(work, meeting, actor.person_id) if one.item.id == item_id), None)
    if line is None or not line.is_readable:
        return None
    panel = work.session.get_one(Panel, meeting.panel_id)
    if not standing_on(work, actor, panel).may(Verb.SEE_AGENDA):
        return None
    if line.case is not None:
        work.saw(actor.person_id, [(id_of(line.case), id_of(panel))])
    by = work.session.get_one(Person, changed_by_id)
    return ChangedEntry(panel.key, panel.title, item_id, item.title, by.name)


@dataclass(frozen=True, slots=True)
class ChangedAttendance:
    """The facts for a message to a person whose entries on attendance were changed by another person."""

    panel_key: str
    panel_title: str
    by_name: str
    changes: tuple[AttendanceChange, ...]
    may_record: bool  #: the reader may take attendance, and the meeting is open


def compose_changed_attendance(
    work: Work, actor: Actor, meeting_id: int, act: str, people: Sequence[int], guests: Sequence[int]
) -> ChangedAttendance | None:
    """Return the facts for the message that another person changed attendance.

    `act` names the step that changed the attendance. `people` and `guests` are the ids of those whose attendance is
    shown. Return None if the step was undone, or if the addressee may no longer see the meeting.
    """
    meeting = work.session.get_one(Meeting, meeting_id)
    panel = work.session.get_one(Panel, meeting.panel_id)
    standing = standing_on(work, actor, panel)
    entries = [
        one
        for one in entries_in_force(work, meeting)
        if one.act == act and (one.person_id in people or one.guest_id in guests)
    ]
    if not entries or not standing.may(Verb.SEE_DIARY):
        return None
    return ChangedAttendance(
        panel.key,
        panel.title,
        work.session.get_one(Person, entries[0].recorded_by_id).name,
        tuple(
            AttendanceChange(_on_clock(work, panel, one.now), _on_clock(work, panel, one.before))
            for one in changes_of(work, entries)
        ),
        may_record=meeting.state is MeetingState.OPEN and standing.may(Verb.TAKE_ATTENDANCE),
    )


def _fits_again(work: Work, earlier: Decision) -> bool:
    """Return whether an earlier decision can come back into force beside the item's present decisions."""
    others = decisions_in_force(work, [earlier.item_id])
    return not any(one.kind is earlier.kind or one.kind in excluded_by(earlier.kind) for one in others)


def _last_of(work: Work, standing: Standing, meeting: Meeting, key: str | None, *, is_last: bool) -> Note | Decision:
    """Return a person's last note or decision in a meeting, under an item that they may read now.

    With `key`, raise Mistake unless this is also the person's last entry of any kind. If `is_last` is false, return the
    note or decision that `key` names.
    """
    made = _own(work, standing, meeting)
    if key is not None:
        made = made[:1] if is_last else [one for one in made if one[1] == key]
    latest = next((one for _, _, one in made if isinstance(one, Note | Decision)), None)
    if latest is None:
        raise Mistake(_NOTHING if key is None else OVERTAKEN)
    return latest


def _lines(work: Work, standing: Standing, meeting: Meeting) -> dict[int, Line]:
    """Return a dict from item id to each item of the meeting that the person may read."""
    found = lines_of(work, meeting, standing.actor.person_id)
    return {id_of(line.item): line for line in found if line.is_readable}


def _saw(work: Work, standing: Standing, lines: Iterable[Line]) -> None:
    cases = [line.case for line in lines if line.case is not None]
    work.saw(standing.actor.person_id, ((id_of(case), standing.panel_id) for case in cases))


def _view(work: Work, entry: Note | Decision) -> TakenBack:
    title = work.session.get_one(AgendaItem, entry.item_id).title
    if isinstance(entry, Decision):
        return TakenBack(view_decision(work, entry), title)
    agency = work.session.get(Agency, entry.agency_id) if entry.agency_id else None
    return TakenBack(view_note(work, entry, {entry.agency_id: agency.name if agency else ""}), title)
