"""What people are told of what they were handed, and of a panel that ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.permissions import Actor, Verb, may
from bot.models.cases import Case, Flag
from bot.models.panels import Panel
from bot.models.people import Person
from bot.records.access.queries import panels_where, readable
from bot.records.actions.queries import ActionView, actions_held
from bot.records.leaving.panels import roles_until_end
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What is somebody's now, of what they were handed."""

    from_name: str
    actions: tuple[ActionView, ...]
    flags: tuple[tuple[str, str], ...]  #: reference and panel of each case that they present


def inheritance_for_notice(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Inheritance | None:
    """What of it is theirs still and not kept from them; none when nothing is."""
    actions = actions_held(work, actor, payload["actions"])
    flags = work.session.execute(
        select(Case.reference, Panel.title)
        .join(Flag, col(Flag.case_id) == col(Case.id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(
            col(Flag.id).in_(payload["flags"]),
            col(Flag.person_id) == actor.person_id,
            col(Flag.state).in_(LIVE_STATES),
            col(Flag.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.READ_CASES)]),
            readable(actor.person_id),
        )
        .order_by(col(Panel.title), col(Case.reference))
    ).all()
    if not actions and not flags:
        return None
    from_name = work.session.get_one(Person, payload["from_id"]).name
    return Inheritance(from_name, tuple(actions), tuple((reference, title) for reference, title in flags))


@dataclass(frozen=True, slots=True)
class PanelEnded:
    """A panel that is no more."""

    panel_title: str
    had_meetings: bool  #: to come, which are cancelled with it
    references: tuple[str, ...]  #: of the cases of the reader's agency that waited there; for who read cases there
    waiting: int  #: how many there are, for a lead who did not sit there; never those kept from them


def compose_end(work: Work, actor: Actor, panel_id: int, flag_ids: Sequence[int], meetings: int) -> PanelEnded | None:
    """The end of a panel for somebody who sat there, or leads an agency; None once it is back, or is not theirs."""
    panel = work.session.get(Panel, panel_id)
    if panel is None or panel.is_active:
        return None
    found = work.session.exec(
        select(Case.reference)
        .join(Flag, col(Flag.case_id) == col(Case.id))
        .where(
            col(Flag.id).in_(list(flag_ids)),
            col(Flag.agency_id) == actor.agency_id,
            col(Flag.state).in_(LIVE_STATES),
            readable(actor.person_id),
        )
        .distinct()
        .order_by(col(Case.reference))
    ).all()
    roles = roles_until_end(work, panel, actor.person_id)
    counts = not roles and actor.leads_agency
    if not roles and not (counts and found):
        return None
    reads = may(Verb.READ_CASES, roles)
    return PanelEnded(panel.title, meetings > 0, tuple(found) if reads else (), len(found) if counts else 0)
