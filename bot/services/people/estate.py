"""What became of what somebody held, in words that give no case away."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.permissions import Actor
from bot.errors import Mistake
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.store.access import readable_cases
from bot.store.departures import Estate
from bot.store.inheritance import Passed
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class HeirView:
    """What one person got."""

    user_id: str
    name: str
    actions: tuple[int, ...]  #: those that the reader may see
    other_actions: int  #: how many more
    flags: int


@dataclass(frozen=True, slots=True)
class EstateView:
    """What became of what somebody had, for whoever said that it ends."""

    heirs: tuple[HeirView, ...]
    next_best: int  #: went past somebody nearer, who may not read its case
    stuck: int  #: nobody may take it: it is where it was
    places: tuple[tuple[str, Role], ...]  #: panel and role of each place that ended
    deputies: tuple[tuple[str, str, str | None], ...]  #: who stood in, where, and for whom now
    had_feed: bool = False
    leaderless_agency: str | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who has left, and what became of what they had."""

    name: str
    estate: EstateView
    new_lead: str | None = None


def view_estate(work: Work, actor: Actor, estate: Estate) -> EstateView:
    """What the reader is told of it."""
    title = {panel_id: work.session.get_one(Panel, panel_id).title for panel_id in _panels(estate)}
    return EstateView(
        heirs=_heirs(work, actor, estate.passed),
        next_best=sum(one.is_next_best and one.to_id is not None for one in estate.passed),
        stuck=sum(one.to_id is None for one in estate.passed),
        places=tuple((title[place.panel_id], place.role) for place in estate.places),
        deputies=tuple(
            (
                name_of(work, deputy.person_id),
                title[deputy.panel_id],
                None if deputy.deputy_for_id is None else name_of(work, deputy.deputy_for_id),
            )
            for deputy in estate.deputies
        ),
        had_feed=estate.had_feed,
        leaderless_agency=None
        if estate.led_agency_id is None
        else work.session.get_one(Agency, estate.led_agency_id).name,
    )


def require_all_passed(work: Work, passed: Iterable[Passed], *, field: str) -> None:
    """Raises Mistake when something would be nobody's: somebody who may hold it must be there first."""
    stuck = [one for one in passed if one.to_id is None]
    if not stuck:
        return
    panels = sorted({work.session.get_one(Panel, one.panel_id).title for one in stuck})
    what = "something" if len(stuck) == 1 else f"{len(stuck)} things"
    raise Mistake(
        f"They hold {what} that nobody else on {' and '.join(panels)} may take. Give that panel somebody who can, such "
        "as a co-ordinator, with `/people enrol`, and try again.",
        field=field,
    )


def name_of(work: Work, person_id: int) -> str:
    """Their name."""
    return work.session.get_one(Person, person_id).name


def _panels(estate: Estate) -> set[int]:
    return {place.panel_id for place in estate.places} | {deputy.panel_id for deputy in estate.deputies}


def _heirs(work: Work, actor: Actor, passed: Iterable[Passed]) -> tuple[HeirView, ...]:
    theirs: dict[int, list[Passed]] = {}
    for one in passed:
        if one.to_id is not None:
            theirs.setdefault(one.to_id, []).append(one)
    readable = readable_cases(work, actor.person_id, {one.case_id for one in passed if one.case_id is not None})
    made = []
    for heir_id, got in theirs.items():
        heir = work.session.get_one(Person, heir_id)
        actions = [one for one in got if one.noun == "action"]
        shown = [one.number for one in actions if one.case_id is None or one.case_id in readable]
        flags = sum(one.noun == "flag" for one in got)
        made.append(HeirView(heir.user_id, heir.name, tuple(shown), len(actions) - len(shown), flags))
    return tuple(sorted(made, key=lambda one: one.name))


def person_id_of(person: Person | None) -> int | None:
    """Their number, when there is anybody."""
    return None if person is None else id_of(person)
