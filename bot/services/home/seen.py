"""What Home shows of somebody's part, of what they chair, of the diary they keep."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.domain.lateness import Lateness
from bot.models.vocabulary import Reply, Role
from bot.records.actions.queries import ActionView

ACTIONS_SHOWN: Final = 8  # with their buttons, on one page of Home


@dataclass(frozen=True, slots=True)
class LateItem:
    """One thing that is late; `since` is its deadline."""

    kind: Lateness
    panel_key: str
    panel_title: str
    meeting_id: int  #: 0 where it is the diary itself
    meeting_at: datetime | None
    since: date
    count: int = 0  #: flags that wait, of those the reader may see


@dataclass(frozen=True, slots=True)
class PanelCard:
    """One panel's next meeting on somebody's Home."""

    key: str
    title: str
    channel_id: str | None
    roles: tuple[Role, ...]
    meeting_id: int  #: 0 when nothing is in the diary soon enough to be answered
    at: int  #: the meeting's time as a number, which its buttons carry
    is_open: bool  #: its meeting is being held now
    next_at: datetime | None  #: the panel's own time
    venue: str
    may_reply: bool
    may_send_deputy: bool
    reply: Reply | None
    returns_owed: int  #: by the person's agency, of the cases they may answer


@dataclass(frozen=True, slots=True)
class ChairCard:
    """One panel that somebody chairs, at a glance."""

    panel: PanelCard
    waiting: int  #: flags to rule on
    gaps: int  #: returns that agencies owe
    forecast: str
    overdue: tuple[tuple[str, int], ...]  #: agency and how many actions
    to_confirm: int
    to_approve: tuple[datetime, ...]  #: meetings whose draft minutes wait for approval


@dataclass(frozen=True, slots=True)
class Glance:
    """What an administrator sees who sits on no panel."""

    people: int
    panels: int
    without_chair: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HomeView:
    """Somebody's Home: their own part, what they chair, the diary they keep, the county; each panel once."""

    name: str
    agency_name: str
    holds_actions: bool
    actions: tuple[ActionView, ...]  #: one page of their own open ones, soonest due first
    actions_count: int
    actions_from: int  #: where the page begins, from 0
    panels: tuple[PanelCard, ...]  #: those they neither chair nor keep, soonest meeting first
    chairing: tuple[ChairCard, ...]
    keeps_diary: bool
    late: tuple[LateItem, ...]  #: the latest first
    diary: tuple[PanelCard, ...]  #: the panels they keep and do not chair
    glance: Glance | None = None
