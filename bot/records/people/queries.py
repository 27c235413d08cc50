"""Queries about people: by Slack account, place on a panel, deputy, agency, or the person who manages them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, bindparam, exists, or_
from sqlalchemy import select as tables_select
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.language.agency_names import NamedAgency, agency_called, plain_name
from bot.domain.language.day_words import listed
from bot.domain.permissions import ROLES, Actor, Verb
from bot.errors import Mistake, NotAllowed, UnknownAgency
from bot.models.panels import ChannelGuest, Membership, Panel
from bot.models.people import Agency, CalendarFeed, Person
from bot.models.vocabulary import Role
from bot.records.access.queries import carries, holds_at, is_to_hold, panels_where
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work

#: Begins the keys of people enrolled in Slack. No key in a county file can begin with it.
_IN_SLACK = "@"
#: The SQL condition on Person, true if they have not left.
IS_HERE: Final = col(Person.left_at).is_(None)


def key_in_slack(team_id: str, user_id: str) -> str:
    """Return the key of a person who was enrolled in Slack and is in no county file."""
    return f"{_IN_SLACK}{team_id}.{user_id}"


def is_enrolled_in_slack(person: Person) -> bool:
    """Return whether the person was enrolled in Slack and has been in no county file since."""
    return person.key.startswith(_IN_SLACK)


def person_by_account(work: Work, team_id: str, user_id: str) -> Person | None:
    """Return the enrolled person with this Slack account, or None if there is none or they have left."""
    return work.find(Person, col(Person.team_id) == team_id, col(Person.user_id) == user_id, IS_HERE)


@dataclass(frozen=True, slots=True)
class Holder:
    """A member of a panel who can hold actions on this panel."""

    person_id: int
    name: str
    user_id: str
    agency_id: int
    agency_name: str


_person, _agency, _membership = table_of(Person), table_of(Agency), table_of(Membership)
#: Selects a panel's holder of actions by account, with columns in the order of Holder's fields.
_HOLDER = (
    tables_select(_person.c.id, _person.c.name, _person.c.user_id, _person.c.agency_id, _agency.c.name)
    .join(_agency, _agency.c.id == _person.c.agency_id)
    .where(
        _person.c.team_id == bindparam("team"),
        _person.c.user_id == bindparam("user"),
        _person.c.left_at.is_(None),
        exists().where(
            _membership.c.person_id == _person.c.id,
            _membership.c.panel_id == bindparam("panel"),
            carries(Verb.HOLD_ACTIONS, bindparam("now")),
        ),
    )
    # The lock waits for a transaction in which the person leaves, so that no one who has left is given an action.
    .with_for_update(read=True, of=_person)
)


def holder_by_account(work: Work, panel_id: int, team_id: str, user_id: str) -> Holder | None:
    """Return the panel member with this Slack account, or None if there is none who can hold actions on the panel.

    The member's row is locked, so that they can't leave until this transaction ends.
    """
    found = work.execute(_HOLDER, {"team": team_id, "user": user_id, "panel": panel_id, "now": work.now}).first()
    return None if found is None else Holder(*found)


def holders_at(work: Work, panel_id: int, team_id: str) -> list[Holder]:
    """Return the people of this Slack workspace who can hold actions on the panel, sorted by name."""
    holds = exists().where(
        _membership.c.person_id == _person.c.id,
        _membership.c.panel_id == panel_id,
        carries(Verb.HOLD_ACTIONS, work.now),
    )
    query = (
        tables_select(_person.c.id, _person.c.name, _person.c.user_id, _person.c.agency_id, _agency.c.name)
        .join(_agency, _agency.c.id == _person.c.agency_id)
        .where(_person.c.team_id == team_id, _person.c.left_at.is_(None), holds)
        .order_by(_person.c.name, _person.c.id)
    )
    return [Holder(*row) for row in work.execute(query)]


def people_beside(work: Work, actor: Actor, panel_id: int | None = None) -> dict[str, str]:
    """Return a dict from Slack user id to name, for people of the actor's workspace who have a place on the panel.

    If `panel_id` is None, people on any of the actor's panels are included, or everyone if the actor is an
    administrator.
    """
    query = tables_select(_person.c.user_id, _person.c.name).where(
        _person.c.team_id == actor.team_id, _person.c.left_at.is_(None)
    )
    if panel_id is not None or not actor.is_administrator:
        own = _membership.alias()
        theirs = tables_select(own.c.panel_id).where(own.c.person_id == actor.person_id, is_to_hold(work.now, own))
        sits = exists().where(
            _membership.c.person_id == _person.c.id,
            _membership.c.panel_id.in_(theirs) if panel_id is None else _membership.c.panel_id == panel_id,
            is_to_hold(work.now),
        )
        query = query.where(sits)
    return {user: name for user, name in work.execute(query.order_by(_person.c.id))}  # noqa: C416 - rows are no pairs


_STILL_HERE = (
    tables_select(_person.c.agency_id)
    .where(_person.c.id == bindparam("number"), _person.c.left_at.is_(None))
    .with_for_update(read=True, of=_person)
)


def agency_kept(work: Work, person_id: int) -> int | None:
    """Return the id of a person's agency, or None if they have left.

    The person's row is locked, so that they can't leave or change agency until this transaction ends.
    """
    agency_id: int | None = work.execute(_STILL_HERE, {"number": person_id}).scalar()
    return agency_id


def administrators(work: Work, *conditions: ColumnElement[bool]) -> list[Person]:
    """Return the administrators who have not left and meet `conditions`, sorted by id."""
    return work.find_all(Person, col(Person.is_administrator), IS_HERE, *conditions, by=[col(Person.id)])


def members(work: Work, panel_id: int, roles: Collection[Role]) -> list[Person]:
    """Return the people who now have one of these roles on the panel, each once, sorted by name."""
    seated = select(Membership.person_id).where(
        col(Membership.panel_id) == panel_id, holds_at(work.now), col(Membership.role).in_(sorted(roles))
    )
    return work.find_all(Person, IS_HERE, col(Person.id).in_(seated), by=[col(Person.name)])


def chair_of(work: Work, panel_id: int) -> Person | None:
    """Return the panel's chair, even if their place has not begun, or None if there is none.

    A unique index allows only one chair.
    """
    chairs = select(Membership.person_id).where(
        col(Membership.panel_id) == panel_id, col(Membership.role) == Role.CHAIR, col(Membership.ended_at).is_(None)
    )
    return work.find(Person, col(Person.id).in_(chairs))


def presiding(work: Work, panel_id: int) -> list[Person]:
    """Return the panel's chair, or its vice-chairs if it has no chair."""
    return members(work, panel_id, {Role.CHAIR}) or members(work, panel_id, {Role.VICE_CHAIR})


def presiding_or_office(work: Work, panel_id: int) -> list[Person]:
    """Return the panel's chair, else its vice-chairs, else its co-ordinators, who can enrol a chair."""
    return presiding(work, panel_id) or members(work, panel_id, {Role.COORDINATOR})


def members_who_may(work: Work, panel_id: int, verb: Verb) -> list[Person]:
    """Return the people whose role on the panel allows `verb`, sorted by name."""
    return members(work, panel_id, ROLES[verb])


def is_member_who_may(work: Work, panel_id: int, person_id: int, verb: Verb) -> bool:
    """Return whether the person has a role on the panel that allows `verb`."""
    is_theirs = (col(Membership.panel_id) == panel_id, col(Membership.person_id) == person_id)
    return work.find(Membership, *is_theirs, carries(verb, work.now)) is not None


def deputy_or_lead(work: Work, panel_id: int, holder_id: int, agency_id: int) -> Person | None:
    """Return the person to tell if an action's holder does not answer, or None if there is no such person.

    This is the holder's deputy on the panel, or else the lead of the agency, if the lead sees the panel's actions.
    """
    deputies = select(Membership.person_id).where(
        col(Membership.panel_id) == panel_id, col(Membership.deputy_for_id) == holder_id, holds_at(work.now)
    )
    deputy = work.find(Person, col(Person.id).in_(deputies), IS_HERE, by=[col(Person.id)])
    if deputy is not None:
        return deputy
    lead = lead_of(work, agency_id)
    if lead is None or lead.id == holder_id or not is_member_who_may(work, panel_id, id_of(lead), Verb.SEE_ACTIONS):
        return None
    return lead


NOT_A_MANAGER = "Only a panel's co-ordinator or an administrator can change people's places. Ask one of them."


def managed_panels(work: Work, actor: Actor) -> list[Panel]:
    """Return the panels whose people this person may manage.

    Raise NotAllowed if there are none, unless the person is an administrator.
    """
    panels = panels_where(work, actor, Verb.MANAGE_PEOPLE)
    if not panels and not actor.is_administrator:
        raise NotAllowed(NOT_A_MANAGER)
    return panels


def require_over(work: Work, actor: Actor, person: Person, *, is_to_leave: bool = False) -> None:
    """Raise NotAllowed unless the actor may change the person's details, which apply to all panels.

    The actor must be an administrator, or co-ordinate all panels on which the person has a place. For a person who has
    left, these are the panels that they left.

    If `is_to_leave` is set, the error names the command that ends the person's places on the actor's own panels.
    """
    theirs = {id_of(panel) for panel in managed_panels(work, actor)}
    if actor.is_administrator:
        return
    counts = is_to_hold(work.now) if person.left_at is None else col(Membership.ended_at) == person.left_at
    sits_on = {one.panel_id for one in work.find_all(Membership, col(Membership.person_id) == id_of(person), counts)}
    if person.is_administrator or not sits_on or not sits_on <= theirs:
        ends = person.left_at is None and is_to_leave
        instead = " What you can do: `/people end` takes them off the panels that you co-ordinate." if ends else ""
        names = [one.name for one in administrators(work)] if not instead else []
        asked = f" Ask {listed(names, 'or')}." if names else ""
        raise NotAllowed(f"Only an administrator can do this for {person.name}.{instead or asked}")


def find_person(work: Work, actor: Actor, user_id: str, *, field: str | None = None) -> Person:
    """Return the enrolled person with this Slack user id. Raise Mistake if they are not enrolled or have left."""
    person = ever_enrolled(work, actor, user_id)
    if person is None:
        said = f"<@{user_id}> is not enrolled. The panel's co-ordinator can add them with `/people enrol`."
        raise Mistake(said, field=field)
    require_here(person, field=field)
    return person


BACK_AGAIN: Final = "The panel's co-ordinator or an administrator can bring them back with `/people return`."


def require_here(person: Person, *, field: str | None = None) -> None:
    """Raise Mistake, attached to `field`, if the person has left."""
    if person.left_at is not None:
        raise Mistake(f"{person.name} has left. {BACK_AGAIN}", field=field)


def find_managed(work: Work, actor: Actor, user_id: str, *, is_to_leave: bool = False) -> Person:
    """Return the enrolled person with this Slack user id, if the actor may change this person's details.

    Raise Mistake if the person is not enrolled or has left, and NotAllowed if the actor may not change their details.
    """
    managed_panels(work, actor)
    person = find_person(work, actor, user_id)
    require_over(work, actor, person, is_to_leave=is_to_leave)
    return person


def ever_enrolled(work: Work, actor: Actor, user_id: str) -> Person | None:
    """Return the person with this Slack user id, even if they have left, or None if they were never enrolled.

    A person of the actor's own workspace comes first.
    """
    found = work.find_all(Person, col(Person.user_id) == user_id, by=[col(Person.id)])
    return next((person for person in found if person.team_id == actor.team_id), found[0] if found else None)


def find_agency(work: Work, agency_id: int, *, field: str = "agency") -> Agency:
    """Return the agency chosen in a form. Raise Mistake, attached to `field`, if the agency has since ended."""
    agency = work.session.get(Agency, agency_id)
    if agency is None or not agency.is_active:
        raise Mistake("That agency is no longer there. Choose another.", field=field)
    return agency


def active_agencies(work: Work) -> list[Agency]:
    """Return the active agencies, sorted by name."""
    return work.find_all(Agency, col(Agency.is_active), by=[col(Agency.name)])


def agencies_at(work: Work, panel_id: int) -> list[NamedAgency]:
    """Return all active agencies, each with the names it goes by and the names of its people on the panel."""
    sits = (col(Membership.panel_id) == panel_id, is_to_hold(work.now), col(Membership.person_id) == col(Person.id))
    rows = work.session.execute(
        select(Agency, Person.name)
        .outerjoin(Person, (col(Person.agency_id) == col(Agency.id)) & exists().where(*sits))
        .where(col(Agency.is_active))
        .order_by(col(Agency.id))
    ).all()
    people: dict[int, list[str]] = {}
    for agency, name in rows:
        people.setdefault(id_of(agency), []).extend([name] if name else [])
    agencies = {id_of(agency): agency for agency, _ in rows}
    return [_as_named(agency, tuple(people[number])) for number, agency in agencies.items()]


def agency_meant(work: Work, panel_id: int, name: str) -> NamedAgency:
    """Return the agency that a typed name means on a panel.

    Raise UnknownAgency if no agency has the name, or if several have.
    """
    agencies = agencies_at(work, panel_id)
    number = agency_called(name, agencies)
    found = next((agency for agency in agencies if agency.id == number), None)
    if found is None:
        raise UnknownAgency(name)
    return found


def _as_named(agency: Agency, people: tuple[str, ...] = ()) -> NamedAgency:
    return NamedAgency(id_of(agency), agency.name, agency.key, agency.kind, people, tuple(agency.short_names))


def agency_named(name: str, agencies: Iterable[Agency]) -> int | None:
    """Return the id of the agency with this name, or None if there is no such agency or several active ones.

    An agency that has ended is found only by its full name or key.
    """
    every = list(agencies)
    number = agency_called(name, [_as_named(agency) for agency in every if agency.is_active])
    ended = (id_of(agency) for agency in every if plain_name(name) in (agency.key, plain_name(agency.name)))
    return number if number is not None else next(ended, None)


def lead_of(work: Work, agency_id: int) -> Person | None:
    """Return the person who leads the agency, or None if it has no lead."""
    return work.find(Person, col(Person.agency_id) == agency_id, col(Person.leads_agency), IS_HERE)


def live_feed(work: Work, person_id: int) -> CalendarFeed | None:
    """Return the person's calendar feed, or None if they have none or it was revoked."""
    return work.find(CalendarFeed, col(CalendarFeed.person_id) == person_id, col(CalendarFeed.revoked_at).is_(None))


def names_of(work: Work, model: type[Person] | type[Agency], numbers: Collection[int]) -> dict[int, str]:
    """Return a dict from id to name, for these people or agencies."""
    if not numbers:
        return {}
    rows = work.session.execute(select(col(model.id), col(model.name)).where(col(model.id).in_(numbers)))
    return {number: name for number, name in rows}  # noqa: C416 - rows are not pairs to the type checker


def to_invite(work: Work, places: Collection[Membership]) -> list[tuple[Panel, Person]]:
    """Return the people with new places who should be invited to the panel's channel, each with the panel.

    Left out are people whose place lapses, people who had a place on the panel already, and people seen in its channel.
    """
    number, other = [place.id for place in places if place.lapses_at is None], aliased(Membership)
    had_one = exists().where(
        col(other.panel_id) == col(Membership.panel_id),
        col(other.person_id) == col(Membership.person_id),
        col(other.id).not_in(number),
        # A place that ended in this transaction was replaced by the new one, so it counts as a place they had.
        or_(col(other.ended_at).is_(None), col(other.ended_at) >= work.now),
    )
    is_there = exists().where(
        col(ChannelGuest.panel_id) == col(Panel.id), col(ChannelGuest.user_id) == col(Person.user_id)
    )
    rows = work.session.exec(
        select(Panel, Person)
        .join(Membership, col(Membership.panel_id) == col(Panel.id))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.id).in_(number), col(Panel.channel_id).is_not(None), ~had_one, ~is_there)
        .order_by(col(Panel.title), col(Person.name))
    )
    return list({(id_of(panel), id_of(person)): (panel, person) for panel, person in rows}.values())
