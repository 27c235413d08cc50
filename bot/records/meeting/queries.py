"""The open meeting: finding it, who is there, whether it is quorate, and the item being discussed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import exists, union
from sqlmodel import col, select

from bot.domain.agenda_numbers import is_unbroken
from bot.domain.language.day_words import full_date
from bot.domain.language.references import is_named_in
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import QuorumView, assess_quorum, not_here
from bot.domain.states import UNCONFIRMED_STATES
from bot.errors import Inquorate, Mistake, NotAcknowledged, NotOnAgenda, WhichItem
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Attendance, Guest, Meeting, Note
from bot.models.panels import Panel
from bot.models.people import Agency
from bot.models.vocabulary import (
    ActionEventKind,
    AgencyKind,
    AttendanceStatus,
    DecisionKind,
    ItemState,
    MeetingState,
    NoteKind,
    Role,
)
from bot.records.access.queries import Standing, Where, local_time, readable_cases, rules_of
from bot.records.actions.queries import AS_GIVEN, ActionView, heard_since, opened_or_erased, view_actions
from bot.records.agenda.published import labels_for
from bot.records.agenda.queries import ItemView, lines_for, view_items
from bot.records.agenda.returns import ReturnView, returns_on
from bot.records.cases.decisions import IS_DECIDED, NOTE_STANDS, DecisionView, standing_decisions
from bot.records.cases.nrm import ReferralView, referrals_of
from bot.records.cases.queries import Hearing, hearings_of_each, transfer_to_accept
from bot.records.diary.queries import meeting_after, open_meeting
from bot.records.meeting.accuracy import LastMinutes, last_minutes
from bot.records.meeting.duties import find_for_meeting, none_open, refuse_closed
from bot.records.meeting.going_on import sent_up
from bot.records.meeting.notes import has_earlier
from bot.store.rows import Page, id_of
from bot.store.unit_of_work import Work

#: Said of an item that was taken off the agenda and of one now kept from the person, so that neither can be told apart.
GONE: Final = (
    "That item is no longer on the agenda of the open meeting, so nothing was saved. Copy your words from here."
)
#: Also said to people who may not read the present item, since another answer would reveal a closed item.
NOTHING_DISCUSSED: Final = "No item is being discussed. `/meeting next` goes to the next item."
_BEFORE_ITEMS: Final = (
    "Before you see the items of this meeting, say that you are here and accept the confidentiality statement."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an open meeting, as one reader may see it."""

    item: AgendaItem
    case: Case | None
    is_decided: bool  #: at least one decision on it is in force
    is_readable: bool  #: false for a case that is kept from the reader

    @property
    def is_owed(self) -> bool:
        """Return whether the item is a case without a decision. Such a case goes to the next meeting."""
        return self.case is not None and not self.is_decided

    @property
    def state_when_left(self) -> ItemState:
        """Return the state that the item gets when the meeting moves on from it.

        A case without a decision is pending again. Any other item counts as discussed.
        """
        return ItemState.PENDING if self.is_owed else ItemState.DISCUSSED


def open_sitting(
    work: Work, actor: Actor, where: Where, verb: Verb, item_id: int | None = None, *, meeting_id: int | None = None
) -> tuple[Standing, Meeting]:
    """Return the person's standing and the open meeting. `item_id` or `meeting_id` says which meeting they mean.

    Raise Mistake if no meeting is open or that meeting is closed, and NotTheirDuty if they may not do `verb`.
    """
    standing = find_for_meeting(work, actor, where, verb)
    meeting = open_meeting(work, standing.panel_id)
    refuse_closed(work, standing, meeting, verb, item_id, meeting_id)
    if meeting is None:
        raise none_open(work, standing, verb)
    return standing, meeting


def lines_of(work: Work, meeting: Meeting, reader_id: int) -> list[Line]:
    """Return every item of the meeting in order. Items kept from the reader are included but marked as not readable."""
    rows = work.session.execute(
        select(AgendaItem, Case, exists().where(IS_DECIDED).correlate(AgendaItem))
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id), isouter=True)
        .join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
        .where(col(AgendaItem.meeting_id) == id_of(meeting))
        .order_by(col(AgendaItem.position))
    ).all()
    theirs = readable_cases(work, reader_id, [id_of(case) for _, case, _ in rows if case is not None])
    return [Line(item, case, is_decided, case is None or case.id in theirs) for item, case, is_decided in rows]


def line_with(work: Work, standing: Standing, meeting: Meeting, lines: Sequence[Line], number: str) -> Line:
    """Return the item with the number `number`. Raise Mistake if no item that the person may see has this number."""
    theirs = [line for line in lines if line.is_readable]
    labels = labels_for(work, standing.actor.person_id, meeting, [line.item for line in theirs])
    found = next((line for line in theirs if labels[line.item.id] == number.lower()), None)
    if found is not None:
        return found
    said = [labels[line.item.id] for line in theirs]
    if is_unbroken(said):
        raise Mistake(f"The agenda has items 1 to {len(said)}.")
    raise Mistake(f"The agenda has no item {number}. Its items are {', '.join(said)}.")


def row_to_record(
    work: Work, standing: Standing, meeting: Meeting, item_id: int | None = None, *, field: str | None = None
) -> tuple[AgendaItem, Case | None]:
    """Return the agenda item on which the person records something, and its case (None if the item is not a case).

    The item is `item_id`, or else the item being discussed. Raise Mistake, attached to `field`, if that item is not on
    the agenda or is kept from the person, or if no item is being discussed.
    """
    lines = lines_of(work, meeting, standing.actor.person_id)
    theirs = [line for line in lines if line.is_readable]
    if item_id is not None:
        found = next((line for line in theirs if line.item.id == item_id), None)
        if found is None:
            raise NotOnAgenda(GONE, field=field)
        return found.item, found.case
    found = next((line for line in theirs if line.item.state is ItemState.CURRENT), None)
    if found is None:
        raise Mistake(NOTHING_DISCUSSED, field=field)
    return found.item, found.case


def refuse_unsure(
    work: Work, standing: Standing, meeting: Meeting, item: AgendaItem, case: Case | None, text: str
) -> None:
    """Raise WhichItem if the last answer to this person was about another item than the current one.

    No error is raised if `text` names the case, or if neither item is a case.
    """
    at_meeting, me = col(Attendance.meeting_id) == id_of(meeting), standing.actor.person_id
    row = work.find(Attendance, at_meeting, col(Attendance.person_id) == me)
    if row is None or row.answered_item_id in (None, item.id) or (case and is_named_in(case.reference, text)):
        return
    lines = [line for line in lines_of(work, meeting, me) if line.is_readable]
    before = next((line for line in lines if line.item.id == row.answered_item_id), None)
    if before is None or (before.case is None and case is None):
        return
    labels = labels_for(work, me, meeting, [line.item for line in lines])
    raise WhichItem(
        f"You were last at {before.item.title}, and the meeting is at {item.title}. Which of the two is this about?",
        ((before.item.title, labels[before.item.id]), (item.title, labels[item.id])),
        field="text",
    )


def require_acknowledged(work: Work, standing: Standing, meeting: Meeting, before: str = _BEFORE_ITEMS) -> None:
    """Raise NotAcknowledged if the person has not accepted the confidentiality statement of this meeting.

    People who record the meeting are not asked, since they read the statement out. `before` is the text of the error.
    """
    if standing.may(Verb.NOTE):
        return
    row = work.find(
        Attendance,
        col(Attendance.meeting_id) == id_of(meeting),
        col(Attendance.person_id) == standing.actor.person_id,
        col(Attendance.acknowledged_at).is_not(None),
    )
    if row is None:
        raise NotAcknowledged(before, id_of(meeting), rules_of(work, standing.panel).confidentiality)


def attends(work: Work, standing: Standing, meeting: Meeting) -> None:
    """Record that a person who runs or records the meeting is there, unless their attendance is recorded already.

    People who are only co-ordinator or minute-taker are recorded as in attendance, others as present.
    """
    row = attendance_row(work, meeting, standing.actor.person_id, standing.actor.agency_id)
    if row.id is None:
        only_office = standing.roles <= {Role.COORDINATOR, Role.MINUTE_TAKER}
        row.status = AttendanceStatus.IN_ATTENDANCE if only_office else AttendanceStatus.PRESENT
        work.session.add(row)
        work.session.flush()


def attendance_row(work: Work, meeting: Meeting, person_id: int, agency_id: int) -> Attendance:
    """Return the person's row in the meeting's attendance, or a new row with the status present."""
    return attendance_rows(work, meeting, {person_id: agency_id})[person_id]


def attendance_rows(work: Work, meeting: Meeting, agencies: Mapping[int, int]) -> dict[int, Attendance]:
    """Return a dict from person id to their row in the attendance, read in one statement.

    A person without a row gets a new one with the status present, which is not stored yet. `agencies` is a dict from
    person id to the id of the agency that the person attends for.
    """
    rows = work.find_all(
        Attendance, col(Attendance.meeting_id) == id_of(meeting), col(Attendance.person_id).in_(list(agencies))
    )
    there = {row.person_id: row for row in rows}
    return {
        person_id: there.get(person_id)
        or Attendance(
            meeting_id=id_of(meeting), person_id=person_id, agency_id=agency_id, status=AttendanceStatus.PRESENT
        )
        for person_id, agency_id in agencies.items()
    }


def quorum_at(work: Work, panel: Panel, meeting: Meeting) -> QuorumView:
    """Return whether the meeting is quorate, and what is missing. People who have left an open meeting don't count."""
    of_members, of_guests = (
        select(col(Agency.kind))
        .join(kind, col(kind.agency_id) == col(Agency.id))
        .where(col(kind.meeting_id) == id_of(meeting), col(kind.status) == AttendanceStatus.PRESENT)
        for kind in (Attendance, Guest)
    )
    of_guests = of_guests.where(col(Guest.undone_at).is_(None))
    if meeting.state is MeetingState.OPEN:
        of_members = of_members.where(col(Attendance.left_at).is_(None))
        of_guests = of_guests.where(col(Guest.left_at).is_(None))
    kinds: set[AgencyKind] = set(work.session.execute(union(of_members, of_guests)).scalars())
    return assess_quorum(work.definition(panel.definition).quorum, kinds)


def refuse_inquorate(work: Work, standing: Standing, meeting: Meeting) -> None:
    """Raise Inquorate if the meeting is not quorate, unless it is held as an interim discussion."""
    if meeting.is_interim:
        return
    quorum = quorum_at(work, standing.panel, meeting)
    if not quorum.met:
        raise Inquorate(
            f"{standing.panel.title} is not quorate: {not_here(quorum.missing)}. Before the first case, choose: "
            "wait, postpone the meeting, or hold an interim discussion without decisions.",
            id_of(meeting),
        )


def interim_words(work: Work, standing: Standing, meeting: Meeting) -> str:
    """Return sentences saying why an interim discussion decides nothing, and when the panel can decide."""
    said = (
        "This is an interim discussion. You can record notes and actions, but no decisions. "
        "The panel will decide at the quorate meeting"
    )
    following = meeting_after(work, standing.panel_id, meeting.starts_at)
    if following is not None:
        at = local_time(work, standing.panel, following.starts_at)
        said += f" on {full_date(at.date())} at {at:%H:%M}"
    said += "."
    if standing.may(Verb.RUN_MEETING) and quorum_at(work, standing.panel, meeting).met:
        said += " It is quorate now. To make it a full meeting: `/meeting quorate`."
    return said


@dataclass(frozen=True, slots=True)
class NoteView:
    """One line of an item's record, decrypted."""

    kind: NoteKind
    agency_name: str | None
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An entry in an item's record that its own author is taking back."""

    entry: NoteView | DecisionView
    title: str  #: of the item that it belongs to
    restored: tuple[NoteView | DecisionView, ...] = ()  #: the entries that it had replaced, which are in force again


@dataclass(frozen=True, slots=True)
class CurrentItem:
    """The item being discussed, with all that the chair needs. `item` is None if the reader may not see the item."""

    meeting_id: int
    panel_key: str
    panel_title: str
    item: ItemView | None
    count: int | None  #: items on the agenda, of those this reader sees; none where their numbers have gaps or letters
    returns: tuple[ReturnView, ...] = ()  #: what agencies said they would bring; their words only for people who record
    notes: tuple[NoteView, ...] = ()
    decisions: tuple[DecisionView, ...] = ()  #: in force on the item, in the order in which they were made
    referrals: tuple[ReferralView, ...] = ()  #: of the case to the National Referral Mechanism, by this panel
    is_nrm: bool = False  #: the panel decided on such a referral, now or earlier
    asked: DecisionView | None = None  #: the transfer that another area is still to accept
    earlier: tuple[Hearing, ...] = ()
    outstanding: tuple[ActionView, ...] = ()  #: of this case, or of the panel under matters arising
    over: tuple[ActionView, ...] = ()  #: actions that have ended; under matters arising, those ended since the opening
    heard: tuple[tuple[int, ActionEventKind], ...] = ()  #: each action's id, with the panel's answer since the opening
    speaks: bool = False  #: the reader answers for the panel under matters arising
    given: tuple[ActionView, ...] = ()  #: actions given during this item
    is_through: bool = False  #: no item that this reader sees is being discussed or pending
    is_last: bool = False  #: no item that this reader sees is pending, so that closing comes next
    owed: str | None = None  #: the case that was left without a decision; the current one when nothing else waits
    moved_on: bool = False  #: nothing was done, as the item that was meant is no longer the current one
    discussed: str = ""  #: the number and title of the item being discussed, where this is another one
    moved_by: str | None = None  #: nothing was done, as this person moved the meeting on a moment ago
    put_off: str = ""  #: the title of the item that was left to be heard later
    skipped: str = ""  #: the title of the item that was left as not reached
    sent_up: tuple[tuple[str, str], ...] | None = None  #: what this meeting escalated, by number and reference
    may_run: bool = False  #: the reader moves the meeting on
    may_record: bool = False  #: the reader writes the record
    has_earlier: bool = False  #: the reader records, and entries of the item were replaced or taken back
    taken_back: TakenBack | None = None
    interim: str = ""  #: why no decision is taken, where this is an interim discussion
    added: int = 0  #: so many notes were just added, the last of `notes`
    recorded: str = ""  #: names the note or decision just recorded, the last if there are several
    last_minutes: LastMinutes | None = None  #: under the heading that asks whether they are accurate
    unplaced: str = ""  #: the words before the colon of the note just added, if they name no single agency
    statement: str = ""  #: the confidentiality statement, under the heading with which the meeting begins


def view_note(work: Work, note: Note, agencies: Mapping[int | None, str]) -> NoteView:
    """Return the view of a line in an item's record. Its text reads "(erased)" if its key was destroyed."""
    return NoteView(note.kind, agencies.get(note.agency_id), opened_or_erased(work, note.text), note.written_at)


def view_current(work: Work, standing: Standing, meeting: Meeting, item_id: int | None = None) -> CurrentItem:
    """Return the item `item_id`, or else the item being discussed, as this reader sees it.

    The audit notes that the reader read the item's case.
    """
    panel = standing.panel
    reader_id = standing.actor.person_id
    lines = lines_for(work, reader_id, meeting)
    meant = [line.state is ItemState.CURRENT if item_id is None else line.id == item_id for line in lines]
    at = meant.index(True) if True in meant else None
    item = None if at is None else view_items(work, reader_id, panel, meeting, lines=lines, page=Page(at, 1))[0]
    labels = labels_for(work, reader_id, meeting, lines)
    said = sorted(labels.values(), key=lambda label: (len(label), label))
    count = len(said) if is_unbroken(said) else None
    blank = CurrentItem(
        *(id_of(meeting), panel.key, panel.title, item, count),
        interim=interim_words(work, standing, meeting) if meeting.is_interim else "",
        may_run=standing.may(Verb.RUN_MEETING),
        may_record=standing.may(Verb.NOTE),
        is_last=all(line.state is not ItemState.PENDING for line in lines),
        statement=rules_of(work, panel).confidentiality if at == 0 and lines[0].flag_id is None else "",
    )
    if item is None:
        return replace(blank, is_through=blank.is_last)
    elsewhere = [line for line in lines if line.state is ItemState.CURRENT and line.id != item.id]
    blank = replace(blank, discussed="".join(f"{labels[line.id]}, {line.title}" for line in elsewhere))
    agencies: dict[int | None, str] = {agency.id: agency.name for agency in work.find_all(Agency)}
    written = work.find_all(Note, col(Note.item_id) == item.id, NOTE_STANDS, by=[col(Note.id)])
    earlier: tuple[Hearing, ...] = ()
    returned: list[ReturnView] = []
    outstanding: list[ActionView] = []
    headings = work.definition(panel.definition).agenda
    arising = {one.key for one in headings if one.kind.lists_actions}
    confirming = {one.key for one in headings if one.kind.accepts_minutes}
    unfinished = col(Action.state).in_(sorted(UNCONFIRMED_STATES))
    before = col(Action.created_at) < meeting.opened_at
    if item.flag is not None:
        case = work.session.get_one(Case, item.flag.case_id)
        earlier = hearings_of_each(work, [id_of(case)], meeting).get(id_of(case), ())
        returned = returns_on(work, meeting, item.flag.id, reader_id, words=standing.may(Verb.DECIDE))
        of_case = view_actions(work, reader_id, col(Action.case_id) == id_of(case), before)
        outstanding = [action for action in of_case if action.state in UNCONFIRMED_STATES]
        over = tuple(action for action in of_case if action.state not in UNCONFIRMED_STATES)
        blank = replace(blank, over=over, referrals=referrals_of(work, id_of(case), [standing.panel_id]))
    elif item.section in arising and item.kind is None:
        work.audit("list", "action", panel_id=standing.panel_id, actor_id=reader_id)
        of_panel = (col(Action.panel_id) == standing.panel_id, before)
        outstanding = view_actions(work, reader_id, *of_panel, unfinished)
        heard = heard_since(work, standing.panel_id, meeting.opened_at or work.now)
        ended = col(Action.id).in_(heard), ~unfinished
        over = tuple(view_actions(work, reader_id, *of_panel, *ended, with_withdrawn=True, most_pressing=AS_GIVEN))
        seen = {one.id for one in (*outstanding, *over)}
        answered = tuple((number, kind) for number, kind in heard.items() if number in seen)
        blank = replace(blank, over=over, heard=answered, speaks=standing.may(Verb.DECIDE))
    elif item.section in {one.key for one in headings if one.kind.lists_sent_up} and item.kind is None:
        up = sent_up(work, lines)
        work.saw(reader_id, ((case_id, standing.panel_id) for case_id in up.values()))
        blank = replace(blank, sent_up=tuple((labels[line.id], line.title) for line in lines if line.id in up))
    elif item.kind is None and item.section in confirming:
        blank = replace(blank, last_minutes=last_minutes(work, panel, meeting))
    decisions = standing_decisions(work, [item.id]).get(item.id, ())
    ours = [hearing.decisions for hearing in earlier if hearing.flag.panel_id == standing.panel_id]
    return replace(
        blank,
        is_nrm=any(one.kind is DecisionKind.NRM for made in (decisions, *ours) for one in made),
        returns=tuple(returned),
        notes=tuple(view_note(work, note, agencies) for note in written),
        has_earlier=blank.may_record and has_earlier(work, item.id),
        decisions=decisions,
        asked=transfer_to_accept(earlier, standing.panel_id),
        earlier=earlier,
        outstanding=tuple(outstanding),
        given=tuple(view_actions(work, reader_id, col(Action.item_id) == item.id, most_pressing=AS_GIVEN)),
    )
