"""Looking through a draft page by page: first the attendance, then each item as recorded, with its corrections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final

from sqlmodel import col

from bot.domain.language.day_words import YearDay
from bot.domain.minutes import APPROVED_STATES
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes
from bot.models.people import Agency, Person
from bot.models.vocabulary import AttendanceStatus, DecisionKind, NoteKind
from bot.records.access.queries import Standing, Where, require
from bot.records.actions.queries import AS_GIVEN, ActionView, opened_or_erased, view_actions
from bot.records.agenda.published import labels_for
from bot.records.agenda.queries import lines_for
from bot.records.cases.decisions import decisions_in_force
from bot.records.diary.queries import OfMeeting, of_meeting
from bot.records.meeting.notes import NotePlace, PlacedNotes, notes_by_place
from bot.records.meeting.room import room_of
from bot.records.minutes.changes import lock_minutes
from bot.records.minutes.corrections import CorrectionView, corrections_since
from bot.records.minutes.queries import approvers_of, find_held, latest_version
from bot.records.people.queries import agencies_at, names_of
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: Kinds of lines that have a field in the form, in its order. What agencies shared has a field for each agency.
_OF_ITEM: Final = (
    NoteKind.SHARED,
    NoteKind.DISCUSSION,
    NoteKind.MAY_HAPPEN,
    NoteKind.RAISES_RISK,
    NoteKind.PROTECTS,
    NoteKind.CHILDS_VIEW,
    NoteKind.DISSENT,
)


NO_REASON: Final = "Why are you correcting it? People who write or approve the minutes can read your reason."
NOTHING: Final = "You haven't changed anything on this page yet. Change something, or go to another page."
UNSAVED: Final = "You have not saved your changes to this page. Close this message, then save them with a reason."


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of the record: all notes of one kind, such as what one agency shared, or the rationale of a decision."""

    key: str
    kind: NoteKind | None  #: none: the rationale of a decision
    agency_name: str
    text: str
    by_name: str
    decision: DecisionKind | None = None
    review_on: date | None = None

    @property
    def mark(self) -> str:
        """Return a short hash of the entry, to see on saving whether another person has changed the record."""
        return mark_of(self.text) + (f"/{self.review_on}" if self.decision else "")


@dataclass(frozen=True, slots=True)
class Present:
    """The recorded attendance of one member or guest."""

    person_id: int
    name: str
    agency_name: str
    status: AttendanceStatus | None
    guest_id: int = 0  #: of a person without Slack, whose name can be corrected too
    information: str = ""  #: what the agency of an absent member sent
    arrived: str = ""  #: after the meeting had begun: "14:20"
    left: str = ""  #: before its end

    @property
    def key(self) -> str:
        """Return the value that stands for this person or guest in the form's list of people."""
        return f"guest-{self.guest_id}" if self.guest_id else f"person-{self.person_id}"

    @property
    def times(self) -> str:
        """Return the times of arrival and leaving as one text, to compare with the record when the form is saved."""
        return f"{self.arrived}/{self.left}"

    @property
    def name_key(self) -> str:
        """Return the name of the form's field for a guest's name."""
        return f"named.{self.guest_id}"

    @property
    def sent_key(self) -> str:
        """Return the name of the form's field for the information that the agency sent."""
        return f"sent.{self.person_id}"


@dataclass(frozen=True, slots=True)
class DraftPage(OfMeeting):
    """One page of a draft: the attendance, or one item."""

    minutes_id: int
    version: int
    page: int  #: from 0, which is attendance
    pages: int
    item_id: int  #: 0: attendance
    number: str
    title: str
    attendance: tuple[Present, ...]
    entries: tuple[Entry, ...]
    actions: tuple[ActionView, ...]
    agencies: tuple[tuple[int, str], ...]  #: agencies for which a line may be added
    is_case: bool
    changes: tuple[CorrectionView, ...]  #: corrections on this page since the draft
    changes_count: int  #: on all pages, of those the reader may see
    may_approve: bool
    saved: int = 0  #: how many changes were just saved


@dataclass(frozen=True, slots=True)
class Changed:
    """The text of one field, as the form sent it. `mark` is the entry's mark when the form was opened."""

    key: str
    text: str
    mark: str
    review_on: date | None = None


def mark_of(text: str) -> str:
    """Return a short hash of a text, without regard to spaces and line breaks."""
    return sha256(" ".join(text.split()).encode()).hexdigest()[:10]


def look_through(work: Work, actor: Actor, minutes_id: int, page: int = 0) -> DraftPage:
    """Return one page of a draft that can still be corrected. Raise Mistake if the minutes are approved."""
    standing, meeting, minutes = open_draft(work, actor, minutes_id)
    return page_of(work, standing, meeting, minutes, page)


def look_through_newest(work: Work, actor: Actor, where: Where, on: YearDay | None = None) -> DraftPage:
    """Return the first page of a meeting's newest draft. `on` is the meeting's day.

    Without `on`, take the latest meeting whose minutes are not approved.
    """
    _, meeting = find_held(work, actor, where, Verb.DRAFT_MINUTES, on)
    minutes = latest_version(work, meeting)
    if minutes is None:
        raise Mistake("There is no draft yet. To write one: `/minutes draft`.")
    return look_through(work, actor, id_of(minutes))


def changed_since(work: Work, actor: Actor, minutes_id: int) -> tuple[CorrectionView, ...]:
    """Return the corrections since the first draft, the latest first. Corrections kept from the person are left out."""
    standing, meeting, _ = draft_to_write(work, actor, minutes_id)
    return tuple(corrections_since(work, standing, meeting))


def check_unchanged(work: Work, actor: Actor, minutes_id: int, page: int, fields: Sequence[Changed]) -> None:
    """Raise Mistake if the person would lose changes typed in the form by leaving the page."""
    standing, meeting, minutes = open_draft(work, actor, minutes_id)
    there = {one.key: one for one in page_of(work, standing, meeting, minutes, page).entries}
    for one in fields:
        entry = there.get(one.key)
        if entry is not None and mark_of(one.text) not in (mark_of(entry.text), one.mark.partition("/")[0]):
            raise Mistake(UNSAVED)


def draft_to_write(work: Work, actor: Actor, minutes_id: int) -> tuple[Standing, Meeting, Minutes]:
    """Return the person's standing, a meeting and a version of its minutes, if the person may write or approve minutes.

    Raise NotForYou for other people.
    """
    minutes = work.session.get(Minutes, minutes_id)
    if minutes is None:
        raise NotForYou("those minutes")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    return require(work, actor, meeting.panel_id, Verb.DRAFT_MINUTES, noun="those minutes"), meeting, minutes


def open_draft(
    work: Work, actor: Actor, minutes_id: int, *, to_change: bool = False
) -> tuple[Standing, Meeting, Minutes]:
    """Return the person's standing, the meeting, and the newest version of its minutes.

    `minutes_id` is the id of any of these versions. Raise Mistake if the newest version is approved. With `to_change`,
    lock the minutes first, so that nobody approves them while a correction is being saved.
    """
    standing, meeting, minutes = draft_to_write(work, actor, minutes_id)
    if to_change:
        lock_minutes(work, id_of(meeting))
    newest = latest_version(work, meeting) or minutes
    if newest.state in APPROVED_STATES:
        raise Mistake(
            f"These minutes are approved, so nobody can change them. To add a correction: "
            f"`/minutes amend {standing.panel.key}`."
        )
    return standing, meeting, newest


def page_of(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes, page: int) -> DraftPage:
    """Return one page of a draft for a person who may correct it. A number out of range gives the nearest page."""
    lines = lines_for(work, standing.actor.person_id, meeting)
    page = min(max(0, page), len(lines))
    item = lines[page - 1] if page else None
    item_id = id_of(item) if item else 0
    number = labels_for(work, standing.actor.person_id, meeting, lines)[item_id] if item else ""
    flag = work.session.get_one(Flag, item.flag_id) if item and item.flag_id else None
    if flag is not None:
        work.saw(standing.actor.person_id, [(flag.case_id, standing.panel_id)])
    changes = corrections_since(work, standing, meeting)
    approvers = {id_of(person) for person, _ in approvers_of(work, standing.panel_id, minutes)}
    given = (
        view_actions(work, standing.actor.person_id, col(Action.item_id) == item_id, most_pressing=AS_GIVEN)
        if item
        else ()
    )
    return DraftPage(
        *of_meeting(work, standing.panel, meeting),
        minutes_id=id_of(minutes),
        version=minutes.version,
        page=page,
        pages=len(lines) + 1,
        item_id=item_id,
        number=number,
        title=item.title if item else "Attendance",
        attendance=() if item else tuple(present_at(work, standing, meeting)),
        entries=tuple(entries_of(work, notes_by_place(work, item_id), item_id)) if item else (),
        actions=tuple(given),
        agencies=tuple((one.id, one.name) for one in agencies_at(work, standing.panel_id)) if item else (),
        is_case=flag is not None,
        changes=tuple(one for one in changes if one.item_id == (item_id or None)),
        changes_count=len(changes),
        may_approve=standing.actor.person_id in approvers,
    )


def present_at(work: Work, standing: Standing, meeting: Meeting) -> list[Present]:
    """Return the recorded attendance of each member and each guest."""
    room = room_of(work, standing, meeting)
    return [
        Present(
            one.person_id or 0,
            one.name,
            one.agency_name,
            one.status,
            one.guest_id or 0,
            one.information_sent,
            arrived=f"{one.arrived_at:%H:%M}" if one.arrived_at else "",
            left=f"{one.left_at:%H:%M}" if one.left_at else "",
        )
        for one in room.attendees
    ]


def entries_of(work: Work, notes: Mapping[NotePlace, PlacedNotes], item_id: int) -> list[Entry]:
    """Return an item's entries that are in force, in the order of the form."""
    agencies = {agency.id: agency.name for agency in work.find_all(Agency)}
    found = [
        Entry(place.key, place.kind, agencies.get(place.agency_id, ""), lines.text, lines.by_name)
        for place, lines in sorted(notes.items(), key=lambda one: _OF_ITEM.index(one[0].kind))
    ]
    decisions = decisions_in_force(work, [item_id])
    names = names_of(work, Person, {one.decided_by_id for one in decisions})
    for one in decisions:
        found.append(
            Entry(
                f"decision.{one.id}",
                None,
                "",
                opened_or_erased(work, one.rationale),
                names.get(one.decided_by_id, ""),
                one.kind,
                one.review_on,
            )
        )
    return found
