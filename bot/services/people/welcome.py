"""The message that welcomes a new representative: what the panel is, when it meets, and what to do first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col

from bot.domain.permissions import Actor
from bot.models.panels import Membership, Panel
from bot.models.vocabulary import Role
from bot.records.access.queries import is_running, is_to_hold, local_time
from bot.records.diary.queries import open_or_next
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class WelcomedTo:
    """One of the panels that a welcome message describes, for a new representative of the panel."""

    panel_id: int
    panel_key: str
    panel_title: str
    kind: str  #: what its definition calls this kind of panel
    channel_id: str | None
    hears_cases: bool
    begins_on: date | None  #: when their place begins; none: it has begun
    next_at: datetime | None  #: the panel's own time; none before the place begins, or with nothing in the diary
    venue: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """The panels to which one message welcomes a person."""

    agency_name: str
    panels: tuple[WelcomedTo, ...]  #: by title


def compose_welcome(work: Work, actor: Actor, panel_ids: Collection[int]) -> Welcome | None:
    """Return a welcome message about the panels in `panel_ids` on which the person represents an agency.

    Return None if there are no such panels.
    """
    places = {
        place.panel_id: place
        for place in work.find_all(
            Membership,
            col(Membership.person_id) == actor.person_id,
            col(Membership.panel_id).in_(panel_ids),
            col(Membership.role) == Role.REPRESENTATIVE,
            is_to_hold(work.now),
        )
    }
    panels = work.find_all(Panel, col(Panel.id).in_(places), is_running(work), by=[col(Panel.title), col(Panel.id)])
    if not panels:
        return None
    # A place that begins later shows nothing of the diary yet.
    begun = [number for number, place in places.items() if place.began_at <= work.now]
    meetings = open_or_next(work, begun)
    found = []
    for panel in panels:
        place, meeting = places[id_of(panel)], meetings.get(id_of(panel))
        definition = work.definition(panel.definition)
        found.append(
            WelcomedTo(
                panel_id=id_of(panel),
                panel_key=panel.key,
                panel_title=panel.title,
                kind=definition.title,
                channel_id=panel.channel_id,
                hears_cases=definition.hears_cases,
                begins_on=local_time(work, panel, place.began_at).date() if place.began_at > work.now else None,
                next_at=local_time(work, panel, meeting.starts_at) if meeting is not None else None,
                venue=meeting.venue if meeting is not None else "",
            )
        )
    return Welcome(actor.agency_name, tuple(found))
