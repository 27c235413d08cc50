"""Naming deputies: for one meeting, for a period, or until further notice."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, Role
from bot.records.access.queries import day_begins, day_ends, is_to_hold, local_time, standing_on, today_at
from bot.records.diary.queries import meetings_after, next_meeting, open_meeting
from bot.records.invitations.stand_ins import place_lapses_at
from bot.records.leaving.changes import lock_person
from bot.records.people.changes import give_places, require_given_by_another
from bot.records.people.queries import find_person
from bot.records.people.views import PlaceView, view_places
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

MOST_MEETINGS = 12  # of one panel, in the form
How = Literal["meeting", "period", "standing"]


@dataclass(frozen=True, slots=True)
class DeputyForm:
    """The proposed deputy, the person this deputy would stand in for, and the choices of the form."""

    deputy_user_id: str
    deputy_name: str
    person_user_id: str
    person_name: str
    panels: tuple[tuple[int, str], ...]
    meetings: tuple[tuple[int, str, datetime], ...]  #: number, panel and time, soonest first
    is_oneself: bool


@dataclass(frozen=True, slots=True)
class Named:
    """A deputy, the person they stand in for, and the deputy's places."""

    deputy_name: str
    person_name: str
    places: tuple[PlaceView, ...]


def propose_deputy(work: Work, actor: Actor, deputy_user_id: str, person_user_id: str | None) -> DeputyForm:
    """Return the form for naming a deputy for a representative, by default for the actor.

    Raise Mistake if the person represents no agency, and NotAllowed if the actor may not name this deputy.
    """
    deputy, person, panels = _who(work, actor, deputy_user_id, person_user_id)
    meetings = [
        (id_of(meeting), panel.title, local_time(work, panel, meeting.starts_at))
        for panel in panels
        for meeting in _coming(work, panel)
    ]
    return DeputyForm(
        deputy_user_id=deputy.user_id,
        deputy_name=deputy.name,
        person_user_id=person.user_id,
        person_name=person.name,
        panels=tuple((id_of(panel), panel.title) for panel in panels),
        meetings=tuple(sorted(meetings, key=lambda one: one[2])),
        is_oneself=person.id == actor.person_id,
    )


def name_deputy(
    work: Work,
    actor: Actor,
    deputy_user_id: str,
    person_user_id: str,
    *,
    how: How,
    panel_id: int | None = None,
    meeting_id: int | None = None,
    begins_on: date | None = None,
    until: date | None = None,
) -> Named:
    """Name a deputy for one meeting, for a period, or until further notice. Both people are told.

    Without `panel_id` the deputy is named for all the person's panels. Raise Mistake, attached to the field at fault,
    if the choices don't fit together or the meeting is over.
    """
    deputy, person, _ = _who(work, actor, deputy_user_id, person_user_id)
    lock_person(work, deputy, person)
    deputy, person, panels = _who(work, actor, deputy_user_id, person_user_id)  # one of them may have been leaving
    if how != "meeting" and deputy.agency_id != person.agency_id:
        # In a longer place, they would speak for their own agency and count towards it.
        raise Mistake(
            f"A deputy must work for the same agency, and {deputy.name} doesn't. "
            "A person from another agency can stand in "
            "at one meeting: choose “For one meeting”.",
            field="how",
        )
    if how == "meeting":
        meeting = work.session.get(Meeting, meeting_id) if meeting_id else None
        if meeting is None:
            raise Mistake("Which meeting?", field="meeting")
        panels = [panel for panel in panels if panel.id == meeting.panel_id]
        if not panels or meeting.state not in (MeetingState.SCHEDULED, MeetingState.OPEN):
            raise Mistake("That meeting is over or cancelled. Choose another.", field="meeting")
        made = [_at_meeting(work, deputy, person, panels[0], meeting)]
    else:
        if panel_id is not None:
            panels = [panel for panel in panels if panel.id == panel_id]
        if not panels:
            raise NotForYou("that panel")
        made = [
            place
            for panel in panels
            if (place := _from_to(work, deputy, person, panel, how, begins_on, until)) is not None
        ]
        if not made:
            raise Mistake(f"{deputy.name} already stands in for {person.name} then.", field="how")
    give_places(work, made, by_id=actor.person_id)
    for place in made:
        work.audit("deputise", "membership", place.id, panel_id=place.panel_id, actor_id=actor.person_id)
    numbers = [id_of(place) for place in made]
    for told in {id_of(deputy), id_of(person)} - {actor.person_id}:
        work.tell(told, Notice.DEPUTY_NAMED, places=numbers)
    return Named(deputy.name, person.name, tuple(view_places(work, col(Membership.id).in_(numbers))))


def _who(
    work: Work, actor: Actor, deputy_user_id: str, person_user_id: str | None
) -> tuple[Person, Person, list[Panel]]:
    """Return the deputy, the person they would stand in for, and the panels where the actor may name this deputy."""
    deputy = find_person(work, actor, deputy_user_id)
    person = find_person(work, actor, person_user_id or actor.user_id)
    if deputy.id == person.id:
        raise Mistake("You named one person twice. Name the deputy, such as @jo.")
    require_given_by_another(deputy.id, Role.DEPUTY, actor.person_id)
    panels = work.session.exec(
        select(Panel)
        .join(Membership, col(Membership.panel_id) == col(Panel.id))
        .where(
            col(Panel.is_active),
            col(Membership.person_id) == id_of(person),
            col(Membership.role) == Role.REPRESENTATIVE,
            is_to_hold(work.now),
        )
        .order_by(col(Panel.title))
    ).all()
    same_agency = deputy.agency_id == person.agency_id
    theirs = person.id == actor.person_id or (actor.leads_agency and actor.agency_id == person.agency_id)
    steered = [panel for panel in panels if standing_on(work, actor, panel).may(Verb.NAME_DEPUTIES)]
    allowed = list(panels) if theirs and same_agency else steered
    if allowed:
        return deputy, person, allowed
    if not theirs:
        raise NotAllowed(
            "Only the representative, their agency's lead, or the panel's chair or co-ordinator can name a deputy."
        )
    if not panels:
        raise Mistake("You don't represent an agency on a panel, so you need no deputy.")
    raise NotAllowed(
        f"A deputy must work for the same agency, and {deputy.name} doesn't. The panel's chair or co-ordinator can "
        f"make "
        "an exception for one meeting."
    )


def _coming(work: Work, panel: Panel) -> list[Meeting]:
    panel_id = id_of(panel)
    first = [open_meeting(work, panel_id), next_meeting(work, panel_id)]
    every = [meeting for meeting in first if meeting is not None] + meetings_after(work, panel_id, work.now)
    coming = {id_of(meeting): meeting for meeting in every if place_lapses_at(work, panel, meeting) > work.now}
    return list(coming.values())[:MOST_MEETINGS]


def _at_meeting(work: Work, deputy: Person, person: Person, panel: Panel, meeting: Meeting) -> Membership:
    lapses_at = place_lapses_at(work, panel, meeting)
    if lapses_at <= work.now:
        raise Mistake("That meeting's day has passed. Choose another.", field="meeting")
    for place in _standing_in(work, deputy, panel):
        if place.meeting_id == meeting.id or (
            place.deputy_for_id == person.id and _covers(place, meeting.starts_at, lapses_at)
        ):
            raise Mistake(f"{deputy.name} already stands in at that meeting.", field="meeting")
    return Membership(
        panel_id=id_of(panel),
        person_id=id_of(deputy),
        role=Role.DEPUTY,
        deputy_for_id=id_of(person),
        meeting_id=id_of(meeting),
        began_at=work.now,
        lapses_at=lapses_at,
    )


def _from_to(
    work: Work, deputy: Person, person: Person, panel: Panel, how: How, begins_on: date | None, until: date | None
) -> Membership | None:
    """Return a new place for the deputy, or None if the deputy stands in for the person during that time already."""
    today = today_at(work, panel)
    if begins_on is not None and begins_on < today:
        raise Mistake("That day has passed. Choose today or later.", field="from")
    if how == "period" and until is None:
        raise Mistake("Until which day?", field="until")
    if how == "standing" and until is not None:
        raise Mistake("“Until further notice” has no last day. Clear it, or choose “For a period”.", field="until")
    if until is not None and until < (begins_on or today):
        said = "That day has passed." if until < today else "The last day is before the first."
        raise Mistake(f"{said} Choose a later day.", field="until")
    began_at = work.now if begins_on in (None, today) else day_begins(work, panel, begins_on or today)
    lapses_at = None if until is None else day_ends(work, panel, until)
    for place in _standing_in(work, deputy, panel):
        if place.deputy_for_id == person.id and _covers(place, began_at, lapses_at):
            return None
        if lapses_at is None and place.lapses_at is None:
            raise Mistake(
                f"{deputy.name} is a standing deputy on {panel.title} already. To end that first: `/people end`.",
                field="how",
            )
    return Membership(
        panel_id=id_of(panel),
        person_id=id_of(deputy),
        role=Role.DEPUTY,
        deputy_for_id=id_of(person),
        began_at=began_at,
        lapses_at=lapses_at,
    )


def _standing_in(work: Work, deputy: Person, panel: Panel) -> Iterable[Membership]:
    return work.session.exec(
        select(Membership).where(
            col(Membership.panel_id) == id_of(panel),
            col(Membership.person_id) == id_of(deputy),
            col(Membership.role) == Role.DEPUTY,
            is_to_hold(work.now),
        )
    ).all()


def _covers(place: Membership, began_at: datetime, lapses_at: datetime | None) -> bool:
    if place.meeting_id is not None or place.began_at > began_at:
        return False
    return place.lapses_at is None or (lapses_at is not None and place.lapses_at >= lapses_at)


def deputyship_for_notice(work: Work, actor: Actor, places: Collection[int]) -> Named | None:
    """Return a deputy's places for a message to the deputy or the represented person, or None once they have ended."""
    rows = [row for number in places if (row := work.session.get(Membership, number)) is not None]
    theirs = [row for row in rows if actor.person_id in (row.person_id, row.deputy_for_id)]
    views = view_places(work, col(Membership.id).in_([row.id for row in theirs]))
    if not views or theirs[0].deputy_for_id is None:
        return None
    deputy = work.session.get_one(Person, theirs[0].person_id)
    return Named(deputy.name, work.session.get_one(Person, theirs[0].deputy_for_id).name, tuple(views))
