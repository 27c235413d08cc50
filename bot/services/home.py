"""App Home: what one person owes and where they are expected next, at a glance."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot.domain.action_state import OPEN_STATES
from bot.domain.permissions import Actor, Verb
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.vocabulary import ActionState, FlagState, Role
from bot.store.access import panels_where, readable, standing_on
from bot.store.diary import local_time, next_meeting, open_meeting
from bot.store.rows import id_of
from bot.store.tracker import ActionView, view_actions
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class PanelCard:
    """One panel on somebody's Home."""

    key: str
    title: str
    channel_id: str | None
    roles: tuple[Role, ...]
    is_open: bool  #: its meeting is being held now
    next_at: datetime | None  #: the panel's own time
    venue: str
    waiting: int  #: flags for the chair to rule on; none for others
    to_confirm: int  #: actions that await the chair's confirmation; none for others


@dataclass(frozen=True, slots=True)
class HomeView:
    """Somebody's Home."""

    name: str
    agency_name: str
    actions: tuple[ActionView, ...]  #: their own open ones, soonest due first
    panels: tuple[PanelCard, ...]  #: soonest meeting first


def home_of(work: Work, actor: Actor) -> HomeView:
    """What the person's Home shows now."""
    panels = panels_where(work, actor, Verb.SEE_DIARY)
    actions = view_actions(
        work,
        actor.person_id,
        col(Action.holder_id) == actor.person_id,
        col(Action.state).in_(sorted(OPEN_STATES)),
        col(Action.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.SEE_ACTIONS)]),
    )
    cards = []
    for panel in panels:
        standing = standing_on(work, actor, panel)
        being_held = open_meeting(work, standing.panel_id)
        meeting = being_held or next_meeting(work, standing.panel_id)
        waiting = to_confirm = 0
        if standing.may(Verb.TRIAGE):
            to_confirm = len(
                view_actions(
                    work,
                    actor.person_id,
                    col(Action.panel_id) == standing.panel_id,
                    col(Action.state) == ActionState.DONE,
                )
            )
            if meeting is not None:
                waiting = len(
                    work.session.exec(
                        select(Flag.id)
                        .join(Case, col(Case.id) == col(Flag.case_id))
                        .where(
                            col(Flag.meeting_id) == id_of(meeting),
                            col(Flag.state) == FlagState.OPEN,
                            readable(actor.person_id),
                        )
                    ).all()
                )
        cards.append(
            PanelCard(
                key=panel.key,
                title=panel.title,
                channel_id=panel.channel_id,
                roles=tuple(sorted(standing.roles, key=list(Role).index)),
                is_open=being_held is not None,
                next_at=local_time(work, panel, meeting.starts_at) if meeting else None,
                venue=meeting.venue if meeting else "",
                waiting=waiting,
                to_confirm=to_confirm,
            )
        )
    cards.sort(key=lambda card: (card.next_at is None, card.next_at.isoformat() if card.next_at else "", card.title))
    return HomeView(actor.name, actor.agency_name, tuple(actions), tuple(cards))
