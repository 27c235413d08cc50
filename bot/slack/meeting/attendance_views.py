"""The forms for attendance: which members are here, who came late or left early, and guests, who are not in Slack."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.models.vocabulary import AttendanceStatus
from bot.records.meeting.room import AttendeeView, RoomView
from bot.services.meeting.guests import GuestChoices
from bot.slack.blocks import (
    button,
    buttons,
    choices,
    day_input,
    field,
    modal,
    section,
    select,
    text_input,
    tick_boxes,
)
from bot.slack.meeting.statement_views import whole_statement
from bot.slack.meeting.views import quorum
from bot.slack.request import Block, View

#: Characters of a time: "14:25", or words such as "quarter past two".
MOST_OF_TIME: Final = 40


@dataclass(frozen=True, slots=True)
class Said:
    """A typed line about attendance, as the bot understood it: which members, what they did, and when."""

    users: tuple[str, ...] = ()
    state: str = ""  #: the name of the form's field for these members: "present", "late", "left" or "apologies"
    at: str = ""  #: hours and minutes, or the words of a time that could not be read

    def beside(self, state: str, users: Sequence[str]) -> list[str]:
        """Return the users to show in the field `state` of the attendance form: `users` and those typed for this field.

        A member who is typed as present is left out of apologies, and the other way round.
        """
        if state == self.state or (state == "present" and self.state == "late"):
            return list(dict.fromkeys((*users, *self.users)))
        is_other = state != "left" and "apologies" in (state, self.state)
        return [user for user in users if not (is_other and user in self.users)]


def attendance_form(room: RoomView, metadata: dict[str, Any], said: Said | None = None) -> View:
    """Return the form for attendance: who is here, who came late or left, and who sent apologies.

    `said` is what a typed line says about attendance, and is filled in.
    """
    said = said or Said()
    members = [one for one in room.attendees if one.user_id]
    guests = [one for one in room.attendees if one.guest_id is not None]
    here = [
        one.user_id
        for one in members
        if one.status in (AttendanceStatus.PRESENT, AttendanceStatus.IN_ATTENDANCE, AttendanceStatus.OBSERVER)
    ]
    away = [one.user_id for one in members if one.status is AttendanceStatus.APOLOGIES]
    late = [one.user_id for one in members if one.arrived_at is not None]
    left = [one.user_id for one in members if one.left_at is not None]
    guests_left = [str(one.guest_id) for one in guests if one.left_at is not None]
    metadata = {**metadata, "drawn": {"here": here, "away": away, "late": late, "left": left, "guests": guests_left}}
    blocks = [
        section(quorum(room)),
        field("present", "Here", _people(said.beside("present", here)), optional=True),
        *whole_statement(room.confidentiality),
        field(
            "accepted",
            "Confidentiality",
            tick_boxes(("accepted", "I read the statement out, and all who are here accept it")),
            optional=True,
            hint="Or members can press I'm here on the board. Until they do, they can't see this meeting's items.",
        ),
        field("late", "Came after the meeting began", _people(said.beside("late", late)), optional=True),
        field("left", "Left before its end", _people(said.beside("left", left)), optional=True),
        *_guests_who_left(guests),
        field(
            "at",
            "When they came or left",
            text_input(initial=said.at, most=MOST_OF_TIME, placeholder="14:25"),
            optional=True,
            hint="Give the time for the people you add now. If they came or left just now, leave this empty.",
        ),
        field("apologies", "Apologies", _people(said.beside("apologies", away)), optional=True),
        field(
            "information",
            "Information sent with the apologies",
            text_input(lines=True),
            optional=True,
            hint="Write what the absent agency sent, for the minutes.",
        ),
        field("sent_on", "When they sent it", day_input(), optional=True, hint="Choose the day, if you know it."),
        buttons(button("Add a person without Slack", "meeting.guest", metadata["panel"])),
    ]
    return modal("meeting.attendance", "Attendance", blocks, metadata=metadata)


def _guests_who_left(guests: Sequence[AttendeeView]) -> list[Block]:
    """Return the field for guests who left early, since Slack's menu of people doesn't list guests."""
    if not guests:
        return []
    by_name = sorted(guests, key=lambda one: (one.name.casefold(), one.guest_id))
    named = [(str(one.guest_id), f"{one.name}, {one.agency_name}") for one in by_name]
    gone = [str(one.guest_id) for one in guests if one.left_at is not None]
    return [field("guests_left", "Without Slack, left before its end", choices(named, initial=gone), optional=True)]


#: The ways in which a person without Slack can take part, with their labels in the form.
_PARTS: Final = (
    (AttendanceStatus.PRESENT.value, "Speaks for an agency of the panel"),
    (AttendanceStatus.IN_ATTENDANCE.value, "Guest or presenter"),
    (AttendanceStatus.OBSERVER.value, "Observer"),
)


def guest_form(found: GuestChoices, name: str = "", other: str = "") -> View:
    """Return the form for a guest: name, agency, part in the meeting, and confidentiality.

    `name` and `other` are the name and the agency as they were typed.
    """
    agency = next((str(number) for number, title in found.agencies if title.lower() == other.lower()), None)
    blocks = [
        section("Use this for a guest, or for a person without Slack. The minutes give their name and agency."),
        field("name", "Name", text_input(initial=name, most=120)),
        field("part", "Takes part as", select(_PARTS)),
        field(
            "agency",
            "Agency",
            select([(str(number), title) for number, title in found.agencies], initial=agency),
            optional=True,
        ),
        field(
            "other",
            "Or another agency",
            text_input(initial="" if agency else other, most=120),
            optional=True,
            hint="If you can't find their agency in the list, type its name here.",
        ),
        *whole_statement(found.confidentiality),
        field(
            "accepted",
            "Confidentiality",
            tick_boxes(("accepted", "I read the statement out to them, and they accept it")),
            optional=True,
        ),
    ]
    if found.is_under_way:
        blocks.append(field("late", "Arrival", tick_boxes(("late", "They came just now")), optional=True))
    return modal("meeting.guest", "Guest", blocks, submit="Record", metadata={"panel": found.panel_key})


def _people(initial: Sequence[str]) -> Block:
    return {"type": "multi_users_select", **({"initial_users": list(initial)} if initial else {})}
