"""Who sits where: a panel's people, an agency's, or everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.records.access.queries import is_to_hold, panels_where
from bot.records.people.queries import NOT_A_MANAGER
from bot.records.people.views import PersonView, PlaceView, view_people
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one panel or agency, each with the places that belong there."""

    title: str
    people: tuple[PersonView, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """What somebody may see of who sits where."""

    groups: tuple[Group, ...]
    leads: tuple[tuple[str, str | None], ...]  #: agency and its lead


def list_people(work: Work, actor: Actor, sought: str = "") -> Directory:
    """The people of a panel (its key), of an agency (its key or name), or of all that the reader looks after.

    Co-ordinators see their panels, an agency's lead their own agency, administrators everybody. Raises NotAllowed for
    anybody else, NotForYou for a panel or agency that is not there or not theirs.
    """
    panels = panels_where(work, actor, Verb.MANAGE_PEOPLE)
    if not panels and not actor.is_administrator and not actor.leads_agency:
        raise NotAllowed(NOT_A_MANAGER)
    work.audit("list", "person", actor_id=actor.person_id)
    sought = sought.strip().lower()
    panel = next((panel for panel in panels if panel.key == sought), None)
    if panel is not None:
        panels, agencies, is_whole = [panel], [], False
    elif sought:
        agencies, panels, is_whole = [_agency(work, actor, sought, bool(panels))], [], False
    else:
        is_whole = actor.is_administrator
        agencies = [work.session.get_one(Agency, actor.agency_id)] if not panels and not is_whole else []
    groups = _panel_groups(work, panels)
    groups += [_agency_group(work, actor, each) for each in agencies]
    if is_whole:
        groups.append(Group("On no panel", tuple(_on_no_panel(work))))
    return Directory(tuple(groups), _leads(work, groups))


def _agency(work: Work, actor: Actor, sought: str, is_manager: bool) -> Agency:
    for agency in work.session.exec(select(Agency).where(col(Agency.is_active))):
        is_theirs = is_manager or actor.is_administrator or agency.id == actor.agency_id
        if is_theirs and sought in (agency.key, agency.name.lower()):
            return agency
    if len(sought) > 60:
        raise Mistake("Give the key of a panel or the name of an agency, or nothing for everybody.")
    raise NotForYou("that panel or agency")


def _panel_groups(work: Work, panels: Sequence[Panel]) -> list[Group]:
    """The people of each panel with their places there, in no more statements than for one."""
    numbers = [id_of(panel) for panel in panels]
    sitting = select(Membership.person_id).where(col(Membership.panel_id).in_(numbers), is_to_hold(work.now))
    groups: dict[int, list[PersonView]] = {number: [] for number in numbers}
    for person in view_people(work, col(Person.id).in_(sitting), panel_ids=numbers) if numbers else ():
        places: dict[int, list[PlaceView]] = {}
        for place in person.places:
            places.setdefault(place.panel_id, []).append(place)
        for number, there in places.items():
            groups[number].append(replace(person, places=tuple(there)))
    return [Group(panel.title, tuple(groups[id_of(panel)])) for panel in panels]


def _agency_group(work: Work, actor: Actor, agency: Agency) -> Group:
    """An agency's people; a co-ordinator sees of their places those on the panels they co-ordinate."""
    sees_all = actor.is_administrator or (actor.leads_agency and actor.agency_id == agency.id)
    panels = None if sees_all else [id_of(panel) for panel in panels_where(work, actor, Verb.MANAGE_PEOPLE)]
    people = view_people(work, col(Person.agency_id) == id_of(agency), panel_ids=panels)
    return Group(agency.name, tuple(person for person in people if sees_all or person.places))


def _on_no_panel(work: Work) -> list[PersonView]:
    sitting = select(Membership.id).where(col(Membership.person_id) == col(Person.id), is_to_hold(work.now))
    return view_people(work, ~sitting.exists())


def _leads(work: Work, groups: list[Group]) -> tuple[tuple[str, str | None], ...]:
    shown = {person.agency_id: person.agency_name for group in groups for person in group.people}
    leads = {
        person.agency_id: person.name
        for person in work.session.exec(
            select(Person).where(
                col(Person.leads_agency), col(Person.left_at).is_(None), col(Person.agency_id).in_(list(shown))
            )
        )
    }
    return tuple((name, leads.get(agency_id)) for agency_id, name in sorted(shown.items(), key=lambda one: one[1]))
