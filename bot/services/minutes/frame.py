"""The facts of a meeting as a whole in its minutes: attendance, quorum and the next meeting."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from bot.documents.minutes import Attendee, MinutesFacts
from bot.documents.papers import action_facts
from bot.documents.word import sentence
from bot.domain.permissions import Verb
from bot.models.actions import Action
from bot.models.meetings import AgendaItem, Meeting, Note
from bot.models.minutes import Minutes
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import Accuracy, AttendanceStatus, ItemState, Role
from bot.records.access.queries import Standing, held_at, holds_at, local_time
from bot.records.actions.queries import AS_GIVEN, view_actions
from bot.records.cases.decisions import NOTE_STANDS
from bot.records.diary.queries import meeting_after
from bot.records.meeting.accuracy import last_minutes
from bot.records.meeting.attendance import IN_THE_ROOM
from bot.records.meeting.room import AttendeeView, room_of
from bot.records.people.queries import members, members_who_may, names_of
from bot.records.rescheduling.queries import postponed_words
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def frame_of(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> dict[str, Any]:
    """Return the minutes' facts about the meeting as a whole, with the actions given under no item."""
    panel = standing.panel
    starts = local_time(work, panel, meeting.starts_at)
    ends = local_time(work, panel, meeting.ends_at)
    room = room_of(work, standing, meeting)
    roles = _roles(work, standing, meeting)
    titles = _job_titles(work, [one.person_id for one in room.attendees if one.person_id is not None])
    there: dict[AttendanceStatus, list[Attendee]] = {status: [] for status in AttendanceStatus}
    for one in room.attendees:
        if one.status is not None:
            there[one.status].append(
                Attendee(
                    name=one.name,
                    agency=one.agency_name,
                    job_title=titles.get(one.person_id or 0, ""),
                    role=roles.get(one.person_id, "") if one.person_id is not None else "",
                    information_sent=one.information_sent,
                    sent_on=one.information_sent_on if one.information_sent else None,
                    arrived=f"{one.arrived_at:%H:%M}" if one.arrived_at else "",
                    left=f"{one.left_at:%H:%M}" if one.left_at else "",
                )
            )
    for people in there.values():
        people.sort(key=_chair_first)
    came = [one for one in room.attendees if one.status in IN_THE_ROOM]
    # People who read the statement out need not acknowledge it.
    read_out = {id_of(person) for person in members(work, standing.panel_id, Verb.NOTE.roles)}
    circulation = members_who_may(work, standing.panel_id, Verb.READ_MINUTES)
    agencies = names_of(work, Agency, {person.agency_id for person in circulation})
    of_no_item = (
        col(Action.meeting_id) == id_of(meeting),
        col(Action.item_id).is_(None),
        col(Action.case_id).is_(None),
    )
    loose = view_actions(work, None, *of_no_item, most_pressing=AS_GIVEN)
    facts = MinutesFacts(
        panel=panel.title,
        when=f"{starts:%A %-d %B %Y, %H:%M} to {ends:%H:%M}",
        venue=meeting.venue,
        chair=who_chaired(work, standing, room.attendees),
        confidentiality=work.definition(panel.definition).printed_statement,
        marking=work.definition(panel.definition).marking,
        made_on=local_time(work, panel, minutes.drafted_at).date(),
        version=minutes.version,
        present=tuple(there[AttendanceStatus.PRESENT]),
        apologies=tuple(there[AttendanceStatus.APOLOGIES]),
        absent=tuple(there[AttendanceStatus.ABSENT]),
        in_attendance=tuple(there[AttendanceStatus.IN_ATTENDANCE]),
        observers=tuple(there[AttendanceStatus.OBSERVER]),
        opened=_hour(work, panel, meeting.opened_at),
        closed=_hour(work, panel, meeting.closed_at),
        acknowledged=tuple(one.name for one in came if one.acknowledged),
        unacknowledged=tuple(one.name for one in came if not one.acknowledged and one.person_id not in read_out),
        circulation=tuple(
            Attendee(
                name=one.name,
                agency=agencies[one.agency_id],
                job_title=one.job_title,
                role=roles.get(id_of(one), ""),
            )
            for one in circulation
        ),
        is_quorate=room.quorum.met,
        quorum_missing=room.quorum.missing,
        is_interim=meeting.is_interim,
        postponed=postponed_words(work, panel, meeting),
        last_minutes=_accuracy(work, standing, meeting),
        next_meeting=next_meeting_words(work, panel, meeting),
    )
    return {
        "frame": facts.model_dump(mode="json"),
        "loose": [action_facts(action).model_dump(mode="json") for action in loose],
    }


def next_meeting_words(work: Work, panel: Panel, meeting: Meeting) -> str:
    """Return the time and venue of the panel's next meeting in words, or an empty string if the diary has none."""
    following = meeting_after(work, id_of(panel), meeting.starts_at)
    if following is None:
        return ""
    at = f"{local_time(work, panel, following.starts_at):%A %-d %B %Y at %H:%M}"
    return ", ".join(filter(None, (at, following.venue)))


def _job_titles(work: Work, person_ids: Collection[int]) -> dict[int, str]:
    """Return a dict from person id to the person's present job title."""
    query = select(col(Person.id), col(Person.job_title)).where(col(Person.id).in_(person_ids))
    return {number: title for number, title in work.session.execute(query)}  # noqa: C416 - rows


def _chair_first(person: Attendee) -> int:
    """Return the sort key of a person in a list of attendance: the chair comes first, then vice-chairs, then others."""
    chairs = (Role.CHAIR.label, Role.VICE_CHAIR.label)
    return chairs.index(person.role) if person.role in chairs else len(chairs)


def _hour(work: Work, panel: Panel, moment: datetime | None) -> str:
    return f"{local_time(work, panel, moment):%H:%M}" if moment else ""


def _roles(work: Work, standing: Standing, meeting: Meeting) -> dict[int, str]:
    """Return a dict from person id to the role that minutes print after the person's name.

    This is the highest role that the person had on the day of the meeting or has now. For representatives and observers
    no role is printed.
    """
    rows = work.session.execute(
        select(Membership.person_id, Membership.role).where(
            # The place of a deputy for that day has lapsed by the time the minutes are written.
            col(Membership.panel_id) == standing.panel_id,
            or_(holds_at(work.now), held_at(meeting.starts_at)),
        )
    )
    highest: dict[int, Role] = {}
    order = list(Role)
    for person_id, role in rows:
        highest[person_id] = min(role, highest.get(person_id, role), key=order.index)
    silent = {Role.REPRESENTATIVE, Role.OBSERVER}
    return {person_id: role.label for person_id, role in highest.items() if role not in silent}


def who_chaired(work: Work, standing: Standing, attendees: tuple[AttendeeView, ...]) -> str:
    """Return who chaired the meeting: the chair if present, or else the vice-chair.

    If neither was present, return the name of the panel's chair with a note.
    """
    there = {one.person_id: one.name for one in attendees if one.status is AttendanceStatus.PRESENT}
    for role in (Role.CHAIR, Role.VICE_CHAIR):
        for person in members(work, standing.panel_id, {role}):
            if person.id in there:
                return person.name if role is Role.CHAIR else f"{person.name} (vice-chair)"
    chairs = members(work, standing.panel_id, {Role.CHAIR})
    return f"{chairs[0].name} (not recorded as present)" if chairs else "Not recorded"


def _accuracy(work: Work, standing: Standing, meeting: Meeting) -> str:
    headings = work.definition(standing.panel.definition).agenda
    is_it = col(AgendaItem.section).in_([section.key for section in headings if section.kind.accepts_minutes])
    lines = select(AgendaItem).where(
        col(AgendaItem.meeting_id) == id_of(meeting), is_it, col(AgendaItem.kind).is_(None)
    )
    item = work.session.exec(lines).first()
    last = last_minutes(work, standing.panel, meeting)
    if last is None:
        return "This was the first meeting on record, so there were no earlier minutes."
    written = [] if item is None else work.find_all(Note, col(Note.item_id) == id_of(item), NOTE_STANDS)
    noted = " ".join(sentence(work.open(note.text)) for note in written)
    if last.answer is Accuracy.ACCURATE:
        said = f"The minutes {last.words} were confirmed as accurate."
    elif last.answer is Accuracy.WITH_CORRECTIONS:
        said = f"The minutes {last.words} were confirmed with corrections{'' if noted else ', made by slips to them'}."
    elif noted:
        said = f"The minutes {last.words} were discussed; whether they are accurate was not recorded."
    elif item is not None and item.state is ItemState.DISCUSSED:
        said = f"The minutes {last.words} were reached; whether they are accurate was not recorded."
    else:
        said = f"The minutes {last.words} were not discussed."
    return f"{said} {noted}".strip()
