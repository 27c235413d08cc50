"""Correcting the record between the meeting and the approval of its minutes, item by item and with a reason.

Earlier entries are kept. The next version of the draft is written from the corrected record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlmodel import col

from bot.domain.language.identifiers import accept_line, accept_text
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Attendance, Decision, Guest, Meeting
from bot.models.minutes import Minutes
from bot.models.people import Person
from bot.models.vocabulary import AttendanceStatus, CorrectionKind, DecisionKind, NoteKind
from bot.records.access.queries import Standing, local_time, readable_cases, require
from bot.records.agenda.queries import lines_for
from bot.records.diary.queries import OfMeeting, lock_diary, of_meeting
from bot.records.meeting.attendance import IN_THE_ROOM
from bot.records.meeting.changes import hold_item, write_note
from bot.records.meeting.deciding import put_right
from bot.records.meeting.notes import NotePlace, PlacedNotes, notes_by_place
from bot.records.minutes.changes import keep_correction
from bot.records.people.queries import agencies_at
from bot.services.minutes.correcting_decisions import move_decision
from bot.services.minutes.correcting_times import TimesChanged, are_other_times, correct_times
from bot.services.minutes.looking import (
    NO_REASON,
    NOTHING,
    Changed,
    DraftPage,
    Entry,
    Present,
    draft_to_write,
    entries_of,
    mark_of,
    open_draft,
    page_of,
    present_at,
)
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

MOST_OF_A_NAME: Final = 120  # characters


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A line that was forgotten in the meeting and is added to the record now."""

    kind: NoteKind
    text: str
    agency_id: int | None = None


@dataclass(frozen=True, slots=True)
class GuestChanged:
    """The values in the form's fields for one guest. `mark` is what `guest_mark` returned when the form was opened."""

    guest_id: int
    name: str
    status: AttendanceStatus | None  #: none: they weren't there
    mark: str


@dataclass(frozen=True, slots=True)
class SentChanged:
    """The form's text about what an absent member's agency sent.

    `mark` is the mark of the text that the form first showed.
    """

    person_id: int
    text: str
    mark: str


def correct_item(
    work: Work,
    actor: Actor,
    minutes_id: int,
    item_id: int,
    changed: Sequence[Changed],
    *,
    reason: str,
    forgotten: Forgotten | None = None,
    page: int = 1,
) -> DraftPage:
    """Correct the record of an item, and add a forgotten line. Return the draft's page on the item.

    Raise Mistake, attached to the field at fault, if a text is wrong or another person has changed the entry meanwhile.
    Raise Mistake also without a reason, or if nothing has been changed. If Mistake is raised, nothing is saved.
    """
    lock_diary(work, draft_to_write(work, actor, minutes_id)[0].panel_id)
    standing, meeting, minutes = open_draft(work, actor, minutes_id, to_change=True)
    item, case = _item(work, standing, meeting, item_id)
    hold_item(work, item)
    key_id = case.data_key_id if case else standing.panel.data_key_id
    notes = notes_by_place(work, item_id)
    entries = {one.key: one for one in entries_of(work, notes, item_id)}
    different = [one for one in changed if _is_different(one, entries.get(one.key))]
    if not different and forgotten is None:
        raise Mistake(NOTHING, field="reason")
    why = accept_line(reason, field="reason", missing=NO_REASON, today=work.now.date())
    case_id = case.id if case else None

    def keep(kind: CorrectionKind, before: str, after: str, of_id: int | None) -> None:
        said = {"before": before, "after": after, "reason": why}
        keep_correction(work, actor, minutes, kind, **said, item_id=item_id, case_id=case_id, of_id=of_id)

    for one in different:
        entry = entries[one.key]
        if one.mark != entry.mark:
            raise Mistake(f"{entry.by_name} changed this since you opened the form: {entry.text}", field=one.key)
        if entry.decision is not None:
            _correct_decision(work, standing, meeting, key_id, entry, one, keep)
            continue
        text = accept_text(one.text, field=one.key, missing="", today=work.now.date())
        place, lines = next((place, lines) for place, lines in notes.items() if place.key == one.key)
        _correct_notes(work, actor, item, key_id, place, lines, text)
        keep(CorrectionKind.NOTE, entry.text, text, lines.rows[-1].written_by_id)
    if forgotten is not None:
        _add_forgotten(work, actor, standing, item, key_id, forgotten)
        keep(CorrectionKind.FORGOTTEN, "", forgotten.text.strip(), None)
    work.audit(
        "correct",
        "item",
        item_id,
        panel_id=standing.panel_id,
        actor_id=actor.person_id,
        case_id=case_id,
    )
    work.session.flush()
    count = len(different) + (forgotten is not None)
    return replace(page_of(work, standing, meeting, minutes, page), saved=count)


def correct_attendance(
    work: Work,
    actor: Actor,
    minutes_id: int,
    statuses: Mapping[int, AttendanceStatus],
    before: Mapping[int, AttendanceStatus | None],
    *,
    guests: Sequence[GuestChanged] = (),
    sent: Sequence[SentChanged] = (),
    times: TimesChanged | None = None,
    reason: str,
) -> DraftPage:
    """Correct the attendance in a draft, and the information that absent agencies sent. Return the attendance page.

    `times` are when one person arrived and left. `before` is what the form showed when it was opened. Raise Mistake
    without a reason, if nothing is different, or if another person has changed the attendance meanwhile.
    """
    standing, meeting, minutes = open_draft(work, actor, minutes_id, to_change=True)
    everyone = present_at(work, standing, meeting)
    there = {one.person_id: one for one in everyone if not one.guest_id}
    of_guests = {one.guest_id: one for one in everyone if one.guest_id}
    others = [one for one in guests if _is_other_guest(one, of_guests.get(one.guest_id))]
    different = {
        person_id: status
        for person_id, status in statuses.items()
        if person_id in there and status is not there[person_id].status
    }
    received = [one for one in sent if mark_of(one.text) != mark_of(there[one.person_id].information)]
    moved = times if times is not None and are_other_times(everyone, times) else None
    if not different and not others and not received and moved is None:
        raise Mistake(NOTHING, field="reason")
    why = accept_line(reason, field="reason", missing=NO_REASON, today=work.now.date())
    for one_sent in received:
        _correct_sent(work, actor, standing, minutes, there[one_sent.person_id], one_sent, why)
    for person_id, status in different.items():
        one = there[person_id]
        if before.get(person_id) is not one.status:
            was = one.status.label if one.status else "not recorded"
            raise Mistake(f"Another person changed this since you opened the form: {was}.", field=f"there.{person_id}")
        row = work.find(
            Attendance, col(Attendance.meeting_id) == id_of(meeting), col(Attendance.person_id) == person_id
        )
        if row is None:
            person = work.session.get_one(Person, person_id)
            row = Attendance(meeting_id=id_of(meeting), person_id=person_id, agency_id=person.agency_id, status=status)
        row.status = status
        if status not in IN_THE_ROOM:
            row.arrived_at = row.left_at = None
        work.session.add(row)
        was = f"{one.name}: {one.status.label if one.status else 'not recorded'}"
        keep_correction(
            work,
            actor,
            minutes,
            CorrectionKind.ATTENDANCE,
            before=was,
            after=f"{one.name}: {status.label}",
            reason=why,
            of_id=person_id,
        )
    for changed in others:
        _correct_guest(work, actor, standing, minutes, of_guests[changed.guest_id], changed, why)
    if moved is not None:
        correct_times(work, actor, standing, meeting, minutes, moved, why)
    work.audit("correct", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    work.session.flush()
    count = len(different) + len(others) + len(received) + (moved is not None)
    return replace(page_of(work, standing, meeting, minutes, 0), saved=count)


def _correct_sent(
    work: Work, actor: Actor, standing: Standing, minutes: Minutes, now: Present, changed: SentChanged, why: str
) -> None:
    """Change the information that an absent member's agency sent, or remove it if the text is empty."""
    if changed.mark != mark_of(now.information):
        raise Mistake(f"Another person changed this since you opened the form: {now.information}", field=now.sent_key)
    text = accept_text(changed.text, field=now.sent_key, missing="", today=work.now.date())
    at_meeting = (col(Attendance.meeting_id) == minutes.meeting_id, col(Attendance.person_id) == now.person_id)
    row = work.find(Attendance, *at_meeting)
    if row is None or now.status is not AttendanceStatus.APOLOGIES:
        raise Mistake("Information is sent with apologies. Choose apologies, and save that first.", field=now.sent_key)
    row.information_sent = work.seal(standing.panel.data_key_id, text) if text else None
    row.information_sent_at = row.information_sent_at if text else None
    work.session.add(row)
    keep_correction(
        work,
        actor,
        minutes,
        CorrectionKind.ATTENDANCE,
        before=f"{now.name}: {now.information}" if now.information else "",
        after=f"{now.name}: {text}" if text else "",
        reason=why,
        of_id=now.person_id,
    )


def _is_other_guest(changed: GuestChanged, now: Present | None) -> bool:
    if now is None:
        raise Mistake("A guest was taken out since you opened the form. Open the form again.", field="reason")
    return changed.status is not now.status or " ".join(changed.name.split()) != now.name


def _correct_guest(
    work: Work, actor: Actor, standing: Standing, minutes: Minutes, now: Present, changed: GuestChanged, why: str
) -> None:
    """Change a guest's name or attendance, or remove the guest if no attendance is chosen."""
    if changed.mark != guest_mark(now):
        raise Mistake(f"Another person changed this since you opened the form: {now.name}.", field=now.name_key)
    guest = work.session.get_one(Guest, changed.guest_id)
    name = accept_line(changed.name, field=now.name_key, missing="What is their name?", today=work.now.date())
    if len(name) > MOST_OF_A_NAME:
        raise Mistake(f"A name has at most {MOST_OF_A_NAME} characters.", field=now.name_key)
    sits = {one.id for one in agencies_at(work, standing.panel_id) if one.people}
    if changed.status is AttendanceStatus.PRESENT and guest.agency_id not in sits:
        raise Mistake(
            f"Only an agency on {standing.panel.title} can be present. Choose in attendance.",
            field=f"guest.{guest.id}",
        )
    guest.name = work.seal(standing.panel.data_key_id, name)
    if changed.status is None:
        guest.undone_at = work.now
    else:
        guest.status = changed.status
    work.session.add(guest)
    after = f"{name}: {changed.status.label}" if changed.status else ""
    was = f"{now.name}: {now.status.label if now.status else ''}"
    keep_correction(work, actor, minutes, CorrectionKind.ATTENDANCE, before=was, after=after, reason=why)


def guest_mark(guest: Present) -> str:
    """Return a short hash of a guest's name and attendance.

    The hash is compared when the form is saved, to tell whether either has changed meanwhile.
    """
    return mark_of(f"{guest.name} {guest.status}")


@dataclass(frozen=True, slots=True)
class CorrectedView(OfMeeting):
    """The facts for a message that a person's entry or attendance was corrected in draft minutes."""

    minutes_id: int
    title: str  #: of the item; empty: attendance
    by_name: str
    may_look: bool


def corrected_for_notice(
    work: Work, actor: Actor, minutes_id: int, item_id: int | None, by_id: int
) -> CorrectedView | None:
    """Return the facts for a message about a corrected entry, or None if its item is kept from the person."""
    minutes = work.session.get(Minutes, minutes_id)
    if minutes is None:
        return None
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    standing = require(work, actor, meeting.panel_id, Verb.SEE_AGENDA, noun="those minutes")
    title = ""
    if item_id is not None:
        item = next((one for one in lines_for(work, actor.person_id, meeting) if one.id == item_id), None)
        if item is None:
            return None
        title = item.title
        if item.flag_id is not None:
            flag = work.session.get_one(Flag, item.flag_id)
            work.saw(actor.person_id, [(flag.case_id, standing.panel_id)])
    return CorrectedView(
        *of_meeting(work, standing.panel, meeting),
        minutes_id=minutes_id,
        title=title,
        by_name=work.session.get_one(Person, by_id).name,
        may_look=standing.may(Verb.DRAFT_MINUTES),
    )


def _is_different(changed: Changed, entry: Entry | None) -> bool:
    if entry is None:
        raise Mistake(
            "This was taken out since you opened the form. Copy your words, and open the form again.", field="reason"
        )
    is_moved = entry.decision is not None and changed.review_on != entry.review_on
    return is_moved or mark_of(changed.text) != mark_of(entry.text)


def _item(work: Work, standing: Standing, meeting: Meeting, item_id: int) -> tuple[AgendaItem, Case | None]:
    """Return an item of the meeting, and its case or None. Raise NotForYou if the case is kept from the person."""
    item = work.session.get(AgendaItem, item_id)
    if item is None or item.meeting_id != meeting.id:
        raise NotForYou("that item")
    flag = work.session.get_one(Flag, item.flag_id) if item.flag_id is not None else None
    if flag is None:
        return item, None
    if not readable_cases(work, standing.actor.person_id, [flag.case_id]):
        raise NotForYou("that item")
    return item, work.session.get_one(Case, flag.case_id)


def _correct_notes(
    work: Work, actor: Actor, item: AgendaItem, key_id: int, place: NotePlace, lines: PlacedNotes, text: str
) -> None:
    if not text:
        for one in lines.rows:
            one.undone_at = work.now
        return
    note = write_note(work, actor, item, key_id, place, text)
    for one in lines.rows:
        one.superseded_by_id = id_of(note)


def _add_forgotten(
    work: Work, actor: Actor, standing: Standing, item: AgendaItem, key_id: int, forgotten: Forgotten
) -> None:
    text = accept_text(forgotten.text, field="forgotten", missing="What was forgotten?", today=work.now.date())
    agencies = {one.id for one in agencies_at(work, standing.panel_id)}
    if forgotten.kind in (NoteKind.SHARED, NoteKind.DISSENT):
        if forgotten.agency_id not in agencies:
            raise Mistake("Which agency said this? Choose it.", field="forgotten_agency")
    elif forgotten.agency_id is not None:
        raise Mistake("Choose an agency only for what it shared, or for its dissent.", field="forgotten_agency")
    write_note(work, actor, item, key_id, NotePlace(forgotten.kind, forgotten.agency_id), text)


def _correct_decision(
    work: Work,
    standing: Standing,
    meeting: Meeting,
    key_id: int,
    entry: Entry,
    changed: Changed,
    keep: Callable[[CorrectionKind, str, str, int | None], None],
) -> None:
    """Change a decision's rationale or date.

    A new date has the same effects as if the meeting had set it.
    """
    now = work.session.get_one(Decision, int(entry.key.removeprefix("decision.")))
    rationale = accept_text(
        changed.text, field=changed.key, missing="Every decision needs its rationale.", today=work.now.date()
    )
    if now.kind is DecisionKind.RETAIN and changed.review_on is None:
        raise Mistake("When should the panel review the case? Give a date.", field=f"review.{now.id}")
    if now.kind is DecisionKind.CLOSE and changed.review_on is not None:
        raise Mistake("A closed case doesn't come back. Leave the date empty.", field=f"review.{now.id}")
    is_moved = changed.review_on != now.review_on
    if (
        is_moved
        and changed.review_on is not None
        and changed.review_on < local_time(work, standing.panel, meeting.starts_at).date()
    ):
        raise Mistake("That day is before the meeting. Give a later date.", field=f"review.{now.id}")
    author, by_id = now.decided_by_id, standing.actor.person_id
    other = {"rationale": work.seal(key_id, rationale), "review_on": changed.review_on, "decided_by_id": by_id}
    put_right(work, now, Decision(**{name: getattr(now, name) for name in Decision.model_fields} | other))
    if is_moved:
        move_decision(work, standing.actor, standing, meeting, now)
    keep(
        CorrectionKind.DECISION,
        _decision_words(entry.text, entry.review_on),
        _decision_words(rationale, now.review_on),
        author,
    )


def _decision_words(rationale: str, review_on: date | None) -> str:
    return f"{rationale} (by {review_on:%-d %B %Y})" if review_on else rationale
