"""What somebody was handed by a colleague who left or moved on, for the one message that tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.panels import Panel
from bot.models.people import Person
from bot.records.access.queries import panels_where, readable
from bot.records.actions.queries import ActionView, view_actions
from bot.records.leaving.handover import WAITING
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What is somebody's now, of what they were handed."""

    from_name: str
    actions: tuple[ActionView, ...]
    flags: tuple[tuple[str, str], ...]  #: reference and panel of each case that they present


def inheritance_for_notice(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Inheritance | None:
    """What of it is theirs still and not kept from them; none when nothing is."""
    actions = view_actions(
        work,
        actor.person_id,
        col(Action.id).in_(payload["actions"]),
        col(Action.holder_id) == actor.person_id,
        col(Action.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.SEE_ACTIONS)]),
    )
    flags = work.session.execute(
        select(Case.reference, Panel.title)
        .join(Flag, col(Flag.case_id) == col(Case.id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(
            col(Flag.id).in_(payload["flags"]),
            col(Flag.person_id) == actor.person_id,
            col(Flag.state).in_(WAITING),
            col(Flag.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.READ_CASES)]),
            readable(actor.person_id),
        )
        .order_by(col(Panel.title), col(Case.reference))
    ).all()
    if not actions and not flags:
        return None
    from_name = work.session.get_one(Person, payload["from_id"]).name
    return Inheritance(from_name, tuple(actions), tuple((reference, title) for reference, title in flags))
