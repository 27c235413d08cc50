"""Attendance as people record it. Earlier values are kept, so that an entry can be undone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.models.meetings import AgendaItem, Attendance, AttendanceEntry, Guest, Meeting
from bot.models.people import Person
from bot.models.vocabulary import AttendanceStatus, ItemState
from bot.records.meeting.guests import view_guests
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work

#: The statuses of people who are in the room.
IN_THE_ROOM: Final = frozenset({AttendanceStatus.PRESENT, AttendanceStatus.IN_ATTENDANCE, AttendanceStatus.OBSERVER})


@dataclass(frozen=True, slots=True)
class Before:
    """What was recorded about a person before a change. The status is None if nothing had been recorded."""

    status: AttendanceStatus | None = None
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    acknowledged_at: datetime | None = None
    information_sent: bytes | None = None
    information_sent_at: datetime | None = None

    @property
    def is_in_the_room(self) -> bool:
        """Return whether the person was recorded as being in the room."""
        return self.status in IN_THE_ROOM


def before_change(row: Attendance | Guest) -> Before:
    """Return what an attendance row says before it is changed. For a new row every field is None."""
    return Before() if row.id is None else _recorded(row)


def _recorded(row: Attendance | Guest) -> Before:
    sent = (row.information_sent, row.information_sent_at) if isinstance(row, Attendance) else (None, None)
    return Before(row.status, row.arrived_at, row.left_at, row.acknowledged_at, *sent)


def keep_entries(
    work: Work, meeting: Meeting, author_id: int, changed: Iterable[tuple[Attendance | Guest, Before]]
) -> None:
    """Record who changed each attendance row, and its values before the change. Unchanged rows get no entry.

    People whose entries another person replaces are told.
    """
    act = uuid4().hex
    work.session.flush()
    changed = [(row, before) for row, before in changed if _recorded(row) != before]
    _tell_recorders(work, meeting, author_id, act, changed)
    entries = []
    for row, before in changed:
        is_person = isinstance(row, Attendance)
        entries.append(
            AttendanceEntry(
                act=act,
                meeting_id=id_of(meeting),
                person_id=row.person_id if isinstance(row, Attendance) else None,
                guest_id=None if is_person else row.id,
                recorded_by_id=author_id,
                recorded_at=work.now,
                status=row.status,
                arrived_at=row.arrived_at,
                left_at=row.left_at,
                acknowledged_at=row.acknowledged_at,
                status_before=before.status if is_person else None,
                arrived_before=before.arrived_at,
                left_before=before.left_at,
                acknowledged_before=before.acknowledged_at,
                information_before=before.information_sent,
                information_sent_before=before.information_sent_at,
                is_first=before.status is None,
            )
        )
    add_rows(work.session, entries)


#: The parts of an entry, each with the column of AttendanceEntry that keeps what was recorded before.
_PARTS: Final = {
    "status": "status_before",
    "arrived_at": "arrived_before",
    "left_at": "left_before",
    "acknowledged_at": "acknowledged_before",
    "information_sent": "information_before",
}


def _tell_recorders(
    work: Work, meeting: Meeting, author_id: int, act: str, changed: Sequence[tuple[Attendance | Guest, Before]]
) -> None:
    """Tell people that another person replaced attendance that they had recorded. No one is told of additions."""
    replaced = [(row, before, parts) for row, before in changed if (parts := _replaced(row, before))]
    if not replaced:
        return
    earlier = entries_in_force(work, meeting)
    told: dict[int, list[Attendance | Guest]] = {}
    for row, before, parts in replaced:
        for person_id in {_recorder_of(row, before, part, earlier) for part in parts}:
            if person_id not in (None, author_id):
                told.setdefault(person_id, []).append(row)
    for person_id, rows in sorted(told.items()):
        work.tell(
            person_id,
            Notice.ATTENDANCE_CHANGED,
            meeting_id=id_of(meeting),
            act=act,
            people=[row.person_id for row in rows if isinstance(row, Attendance)],
            guests=[row.id for row in rows if isinstance(row, Guest)],
        )


def _replaced(row: Attendance | Guest, before: Before) -> list[str]:
    """Return the parts of an attendance row that had been recorded and are now different or empty."""
    now = _recorded(row)
    had = {part: getattr(before, part) for part in _PARTS}
    return [part for part, value in had.items() if value is not None and value != getattr(now, part)]


def _recorder_of(row: Attendance | Guest, before: Before, part: str, earlier: Sequence[AttendanceEntry]) -> int | None:
    """Return the id of the person whose entry set the earlier value of `part`, or None if no entry set it."""
    about = (row.person_id, None) if isinstance(row, Attendance) else (None, row.id)
    value = getattr(before, part)
    for one in reversed(earlier):
        if (one.person_id, one.guest_id) == about and getattr(one, _PARTS[part]) != value:
            return one.recorded_by_id
    return None


def is_under_way(work: Work, meeting: Meeting) -> bool:
    """Return whether the meeting has moved beyond its first item. From then on, people who come count as late."""
    rows = work.session.execute(
        select(AgendaItem.position, AgendaItem.state)
        .where(col(AgendaItem.meeting_id) == id_of(meeting))
        .order_by(col(AgendaItem.position))
    ).all()
    reached = [state for _, state in rows if state is not ItemState.PENDING]
    return bool(reached) and (len(reached) > 1 or rows[0].state is not ItemState.CURRENT)


def entries_in_force(work: Work, meeting: Meeting) -> list[AttendanceEntry]:
    """Return the entries of a meeting's attendance that were not taken back, the earliest first."""
    return work.find_all(
        AttendanceEntry,
        col(AttendanceEntry.meeting_id) == id_of(meeting),
        col(AttendanceEntry.undone_at).is_(None),
        by=[col(AttendanceEntry.id)],
    )


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """What one step recorded about the attendance of one person."""

    name: str
    status: AttendanceStatus
    arrived_at: datetime | None
    left_at: datetime | None
    acknowledged: bool
    is_overtaken: bool = False  #: changed again since, so undoing this step changes nothing now


@dataclass(frozen=True, slots=True)
class AttendanceAct:
    """One step in which a person recorded attendance, for one or several people."""

    key: str
    recorded_at: datetime
    lines: tuple[AttendanceLine, ...]


def acts_of(work: Work, meeting: Meeting, author_id: int) -> list[AttendanceAct]:
    """Return the steps in which the author recorded a meeting's attendance, the latest first.

    Steps that were undone are left out.
    """
    entries = entries_in_force(work, meeting)
    own = [one for one in entries if one.recorded_by_id == author_id]
    names = _names(work, own)
    acts: dict[str, list[AttendanceEntry]] = {}
    for one in own:
        acts.setdefault(one.act, []).append(one)
    return [
        AttendanceAct(
            key=f"attendance-{id_of(made[0])}",
            recorded_at=made[0].recorded_at,
            lines=tuple(
                AttendanceLine(
                    name=names[one.person_id, one.guest_id],
                    status=one.status,
                    arrived_at=one.arrived_at,
                    left_at=one.left_at,
                    acknowledged=one.acknowledged_at is not None and one.acknowledged_before is None,
                    is_overtaken=_following(one, entries) is not None,
                )
                for one in sorted(made, key=lambda one: names[one.person_id, one.guest_id])
            ),
        )
        for made in reversed(acts.values())
    ]


@dataclass(frozen=True, slots=True)
class AttendanceChange:
    """What a step recorded about the attendance of one person, and what was recorded before."""

    now: AttendanceLine
    before: AttendanceLine


def changes_of(work: Work, entries: Sequence[AttendanceEntry]) -> list[AttendanceChange]:
    """Return what each of these entries changed: the values before and after it, sorted by the person's name.

    None of the entries is the first about its person or guest, since nothing was recorded before the first.
    """
    names = _names(work, entries)
    changes = [
        AttendanceChange(
            AttendanceLine(
                name=names[one.person_id, one.guest_id],
                status=one.status,
                arrived_at=one.arrived_at,
                left_at=one.left_at,
                acknowledged=one.acknowledged_at is not None,
            ),
            AttendanceLine(
                name=names[one.person_id, one.guest_id],
                status=one.status_before or one.status,  # a guest's status never changes
                arrived_at=one.arrived_before,
                left_at=one.left_before,
                acknowledged=one.acknowledged_before is not None,
            ),
        )
        for one in entries
    ]
    return sorted(changes, key=lambda one: one.now.name)


def _names(work: Work, entries: Sequence[AttendanceEntry]) -> dict[tuple[int | None, int | None], str]:
    """Return the names of the people and guests that these entries are about, by person id and guest id."""
    people = work.find_all(Person, col(Person.id).in_({one.person_id for one in entries}))
    guests = view_guests(work, work.find_all(Guest, col(Guest.id).in_({one.guest_id for one in entries})))
    names: dict[tuple[int | None, int | None], str] = {(person.id, None): person.name for person in people}
    return names | {(None, guest.id): guest.name for guest in guests}


def take_back_act(work: Work, meeting: Meeting, key: str) -> None:
    """Undo one step of recorded attendance, and restore each person's attendance from before the step.

    A person whose attendance was changed again later keeps the later change.
    """
    entries = entries_in_force(work, meeting)
    first = next(one for one in entries if f"attendance-{id_of(one)}" == key)
    for one in [each for each in entries if each.act == first.act]:
        one.undone_at = work.now
        following = _following(one, entries)
        if following is not None:
            _keep_before(following, one)
        elif one.guest_id is not None:
            _restore_guest(work, one, work.session.get_one(Guest, one.guest_id))
        else:
            _restore(work, meeting, one)
    work.session.flush()


def _following(one: AttendanceEntry, entries: Sequence[AttendanceEntry]) -> AttendanceEntry | None:
    """Return the next entry after `one` about the same person, or None if there is none."""
    about = (one.person_id, one.guest_id)
    return next(
        (later for later in entries if id_of(later) > id_of(one) and (later.person_id, later.guest_id) == about), None
    )


def _keep_before(following: AttendanceEntry, taken: AttendanceEntry) -> None:
    following.is_first = taken.is_first
    following.status_before = taken.status_before
    following.arrived_before, following.left_before = taken.arrived_before, taken.left_before
    following.acknowledged_before = taken.acknowledged_before
    following.information_before = taken.information_before
    following.information_sent_before = taken.information_sent_before


def _restore_guest(work: Work, entry: AttendanceEntry, guest: Guest) -> None:
    if entry.is_first:
        guest.undone_at = work.now
        return
    guest.arrived_at, guest.left_at = entry.arrived_before, entry.left_before
    guest.acknowledged_at = entry.acknowledged_before


def _restore(work: Work, meeting: Meeting, entry: AttendanceEntry) -> None:
    row = work.find(
        Attendance, col(Attendance.meeting_id) == id_of(meeting), col(Attendance.person_id) == entry.person_id
    )
    if row is None:
        return
    if entry.status_before is None:
        work.session.delete(row)
        return
    row.status = entry.status_before
    row.arrived_at, row.left_at = entry.arrived_before, entry.left_before
    row.acknowledged_at = entry.acknowledged_before
    row.information_sent, row.information_sent_at = entry.information_before, entry.information_sent_before
