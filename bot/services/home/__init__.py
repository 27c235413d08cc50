"""App Home by role: what somebody owes and where they are expected, what a chair rules on, what is late in a diary."""

from collections.abc import Mapping, Sequence

from bot.domain.permissions import Actor, Verb
from bot.models.vocabulary import Role
from bot.records.actions.queries import ActionView, count_actions, view_actions
from bot.records.home.queries import every_panel, how_many_people, own_open_actions, panels_without_chair, seated_on
from bot.services.home.board import Board, soonest
from bot.services.home.seen import ACTIONS_SHOWN, ChairCard, Glance, HomeView, LateItem, PanelCard
from bot.store.pages import Page
from bot.store.unit_of_work import Work

__all__ = ["ACTIONS_SHOWN", "ChairCard", "Glance", "HomeView", "LateItem", "PanelCard", "home_of"]


def home_of(work: Work, actor: Actor, places: Mapping[str, int] | None = None) -> HomeView:
    """What the person's Home shows now; `places` says how far each part was turned over."""
    seats = seated_on(work, actor)
    is_keeper = not seats and actor.is_administrator
    shown = every_panel(work) if is_keeper else seats
    board = Board(work, actor, shown)
    chaired = [number for number, seat in seats.items() if seat.may(Verb.CONFIRM_ACTIONS)]
    kept = [number for number, seat in shown.items() if is_keeper or Role.COORDINATOR in seat.roles]
    mine = [number for number in seats if number not in {*chaired, *kept}]
    acting = [number for number, seat in seats.items() if seat.may(Verb.SEE_ACTIONS)]
    actions, count, first = _own_actions(work, actor, acting, (places or {}).get("actions", 0))
    return HomeView(
        name=actor.name,
        agency_name=actor.agency_name,
        holds_actions=bool(acting),
        actions=actions,
        actions_count=count,
        actions_from=first,
        panels=soonest(card for number in mine for card in board.cards(number)),
        chairing=board.chairing(chaired),
        keeps_diary=bool(kept),
        late=board.late(kept, chaired),
        diary=soonest(board.card(number) for number in kept if number not in chaired),
        glance=_glance(work, len(shown)) if is_keeper else None,
    )


def _own_actions(
    work: Work, actor: Actor, panel_ids: Sequence[int], page: int
) -> tuple[tuple[ActionView, ...], int, int]:
    theirs = own_open_actions(actor, panel_ids)
    count = count_actions(work, actor.person_id, *theirs)
    first = min(max(0, page), max(0, (count - 1) // ACTIONS_SHOWN)) * ACTIONS_SHOWN
    views = view_actions(work, actor.person_id, *theirs, page=Page(first, ACTIONS_SHOWN))
    return tuple(views), count, first


def _glance(work: Work, panels: int) -> Glance:
    return Glance(people=how_many_people(work), panels=panels, without_chair=tuple(panels_without_chair(work)))
