"""Guests, who attend a meeting without Slack: their names, and whether they accept the confidentiality statement."""

from dataclasses import dataclass
from typing import Final

from bot.domain.language.identifiers import accept_line, visible
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.meetings import Guest
from bot.models.vocabulary import AttendanceStatus
from bot.records.access.queries import Where, rules_of
from bot.records.meeting.attendance import Before, is_under_way, keep_entries
from bot.records.meeting.board import redraw_board
from bot.records.meeting.queries import attends, open_sitting
from bot.records.meeting.room import RoomView, room_of
from bot.records.people.queries import agencies_at
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_MOST: Final = 120  # characters of a name
#: How a person without Slack may take part.
PARTS: Final = (AttendanceStatus.PRESENT, AttendanceStatus.IN_ATTENDANCE, AttendanceStatus.OBSERVER)


@dataclass(frozen=True, slots=True)
class GuestForm:
    """The values of the form that records a guest. The agency is one of the county's, or another one typed by name."""

    name: str
    status: AttendanceStatus
    agency_id: int | None = None
    other_agency: str = ""
    accepted: bool = False  #: the statement was read out to them, and they accept it
    is_late: bool = False  #: they came just now, after the meeting had begun


@dataclass(frozen=True, slots=True)
class GuestChoices:
    """The agencies that the form for a guest offers, and whether the meeting has moved beyond its first item."""

    panel_key: str
    panel_title: str
    agencies: tuple[tuple[int, str], ...]  #: agencies of the county, those on the panel first
    is_under_way: bool  #: the meeting is past its first item, so people who come now come late
    confidentiality: str


def offer_guest(work: Work, actor: Actor, where: Where) -> GuestChoices:
    """Return the choices of the form that records a guest at the open meeting."""
    standing, meeting = open_sitting(work, actor, where, Verb.TAKE_ATTENDANCE)
    agencies = sorted(agencies_at(work, standing.panel_id), key=lambda one: (not one.people, one.name))
    named = tuple((one.id, one.name) for one in agencies)
    statement = rules_of(work, standing.panel).confidentiality
    return GuestChoices(standing.panel.key, standing.panel.title, named, is_under_way(work, meeting), statement)


def record_guest(work: Work, actor: Actor, where: Where, form: GuestForm) -> RoomView:
    """Record a guest at the open meeting. Return who is at the meeting now.

    A guest who speaks for an agency of the panel is present and counts for the quorum. Raise Mistake without a name or
    an agency, with two agencies, or if the guest is to be counted as present for an agency that is not on the panel.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.TAKE_ATTENDANCE)
    name = accept_line(form.name, field="name", missing="What is their name?", today=work.now.date())
    other = " ".join(visible(form.other_agency).split())  # not checked, since a school may be named here
    if len(name) > _MOST:
        raise Mistake(f"A name has at most {_MOST} characters.", field="name")
    if form.status not in PARTS:
        raise Mistake("Choose how they take part.", field="part")
    if (form.agency_id is None) == (not other):
        said = "Choose their agency, or type it below." if not other else "Choose an agency or type one, not both."
        raise Mistake(said, field="other" if other else "agency")
    if len(other) > _MOST:
        raise Mistake(f"The name of an agency has at most {_MOST} characters.", field="other")
    agencies = {one.id: one for one in agencies_at(work, standing.panel_id)}
    if form.agency_id is not None and form.agency_id not in agencies:
        raise Mistake("Choose one of these agencies.", field="agency")
    sits = form.agency_id is not None and bool(agencies[form.agency_id].people)
    if form.status is AttendanceStatus.PRESENT and not sits:
        raise Mistake(
            f"Only people from an agency on {standing.panel.title} count as present. "
            "Record this person as in attendance, "
            "as a guest.",
            field="part",
        )
    key_id = standing.panel.data_key_id
    guest = Guest(
        meeting_id=id_of(meeting),
        name=work.seal(key_id, name),
        agency_id=form.agency_id,
        agency_name=work.seal(key_id, other) if other else None,
        status=form.status,
        acknowledged_at=work.now if form.accepted else None,
        arrived_at=work.now if form.is_late and is_under_way(work, meeting) else None,
    )
    work.session.add(guest)
    keep_entries(work, meeting, actor.person_id, [(guest, Before())])
    attends(work, standing, meeting)
    redraw_board(work, standing.panel, meeting)
    work.audit("add_guest", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return room_of(work, standing, meeting)
