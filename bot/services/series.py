"""Series of meetings: a rule in words that fills a panel's diary."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.domain.recurrence import Recurrence, occurrences, parse_rule
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.panels import Series
from bot.models.vocabulary import MeetingState
from bot.store.access import Standing, Where, find_panel
from bot.store.diary import today_at
from bot.store.unit_of_work import Work

DEFAULT_COUNT = 12  # a year of a monthly panel
MAX_COUNT = 60


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A rule in words and the dates it gives."""

    panel_key: str
    panel_title: str
    rule: str
    dates: tuple[datetime, ...]
    moved: tuple[tuple[date, datetime, str], ...]  #: the rule's day, the date instead, why
    already_there: tuple[datetime, ...] = ()


def preview_series(
    work: Work, actor: Actor, where: Where, *, rule: str, starts_on: date | None = None, count: int = DEFAULT_COUNT
) -> SeriesView:
    """The dates a rule would give; nothing is saved."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    return _dates(work, standing, parse_rule(rule), starts_on, count)[0]


def create_series(
    work: Work, actor: Actor, where: Where, *, rule: str, starts_on: date | None = None, count: int = DEFAULT_COUNT
) -> SeriesView:
    """Put a series of meetings into the panel's diary; a date that is there already stays as it is."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    recurrence = parse_rule(rule)
    view, rule_days = _dates(work, standing, recurrence, starts_on, count)
    if not view.dates:
        raise Mistake(f"Every date of {view.rule} is in the diary already.")
    series = Series(
        panel_id=standing.panel_id,
        # Anchored to its first day, so that a later extension of the series keeps its rhythm.
        rule=recurrence.anchored(rule_days[view.dates[0]]).describe(),
        starts_on=starts_on or today_at(work, standing.panel),
        created_by_id=actor.person_id,
        created_at=work.now,
    )
    work.session.add(series)
    work.session.flush()
    duration = timedelta(minutes=work.definition(standing.panel.definition).duration)
    for starts_at in view.dates:
        begins = starts_at.astimezone(UTC)
        work.session.add(
            Meeting(
                panel_id=standing.panel_id,
                series_id=series.id,
                rule_on=rule_days[starts_at],
                starts_at=begins,
                ends_at=begins + duration,
                venue=standing.panel.venue,
            )
        )
    work.audit("create", "series", series.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view


def _dates(
    work: Work, standing: Standing, rule: Recurrence, starts_on: date | None, count: int
) -> tuple[SeriesView, dict[datetime, date]]:
    if not 1 <= count <= MAX_COUNT:
        raise Mistake(f"A series has between 1 and {MAX_COUNT} meetings.", field="count")
    definition = work.definition(standing.panel.definition)
    start = starts_on or today_at(work, standing.panel)
    given = [
        one
        for one in occurrences(rule, start=start, count=count, until=None, definition=definition)
        if one.starts_at > work.now
    ]
    if not given:
        raise Mistake("That gives no date in the future. Say from when, or another rule.", field="rule")
    there = {one.starts_at for one in given if _taken(work, standing.panel_id, one.starts_at.astimezone(UTC))}
    view = SeriesView(
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        rule=rule.describe(),
        dates=tuple(one.starts_at for one in given if one.starts_at not in there),
        moved=tuple((one.rule_on, one.starts_at, one.moved) for one in given if one.moved),
        already_there=tuple(sorted(there)),
    )
    return view, {one.starts_at: one.rule_on for one in given}


def _taken(work: Work, panel_id: int, starts_at: datetime) -> bool:
    query = select(Meeting.id).where(
        col(Meeting.panel_id) == panel_id,
        col(Meeting.starts_at) == starts_at,
        col(Meeting.state) != MeetingState.CANCELLED,
    )
    return work.session.exec(query).first() is not None
