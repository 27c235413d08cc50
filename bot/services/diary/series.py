"""New series of meetings. A rule in words fills a panel's diary, and keeps filling it if the rule has no end."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.language.rhythm_rule import Recurrence
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import Actor, Verb
from bot.domain.recurrence import Occurrence, occurrences, taken_among, words_of
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.panels import Panel, Series
from bot.models.vocabulary import BankHolidays, MeetingState
from bot.records.access.queries import Standing, Where, find_panel, is_running, rules_of, today_at
from bot.records.diary.queries import AHEAD, Clash, clashes_at, is_open_ended, lock_diary, remarks_on, rules_in_force
from bot.records.rescheduling.changes import begin_series, fill_series
from bot.records.rescheduling.queries import Dates, dates_for
from bot.store.rows import id_of, table_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

log = logging.getLogger(__name__)

_LONG_AGO: Final = timedelta(days=60)  # earlier days of a rule are not looked at
_MEETING = table_of(Meeting)

MAX_COUNT: Final = 60
AS_THE_KIND: Final = "definition"  # bank holidays as the kind of panel says
BankHolidayRule = BankHolidays | Literal["definition"]


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A rule for a series in standard wording, and the dates that the rule would give."""

    panel_key: str
    panel_title: str
    rule: str
    dates: tuple[datetime, ...]
    moved: tuple[tuple[date, datetime, str], ...]  #: the rule's day, the date instead, why
    already_there: tuple[datetime, ...] = ()
    goes_on: bool = False  #: the diary is kept filled ahead
    clashes: tuple[Clash, ...] = ()
    remarks: tuple[str, ...] = ()  #: what is unusual about the first date
    beside: tuple[str, ...] = ()  #: the rules by which the panel meets already


def preview_series(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    rule: str,
    starts_on: date | None = None,
    count: int | None = None,
    bank_holidays: BankHolidayRule | None = None,
) -> SeriesView:
    """Return the dates that a rule would give. Nothing is saved."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    return _dates(work, standing, parse_rule(rule), starts_on, count, _rules(work, standing, bank_holidays))[0]


def create_series(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    rule: str,
    starts_on: date | None = None,
    count: int | None = None,
    bank_holidays: BankHolidayRule | None = None,
) -> SeriesView:
    """Add a series of meetings to the panel's diary. A date that is already in the diary stays as it is.

    A series without an end gets twelve meetings now, and is filled up later. If `bank_holidays` is given, the panel
    keeps this rule for bank holidays.
    """
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    lock_diary(work, standing.panel_id)
    recurrence = parse_rule(rule)
    rules = _rules(work, standing, bank_holidays)
    view, dates = _dates(work, standing, recurrence, starts_on, count, rules)
    if bank_holidays is not None:
        standing.panel.bank_holidays = None if bank_holidays == AS_THE_KIND else BankHolidays(bank_holidays)
    series = begin_series(
        work,
        standing.panel,
        recurrence,
        dates.new,
        starts_on=starts_on or today_at(work, standing.panel),
        count=count,
        created_by_id=actor.person_id,
    )
    work.audit("create", "series", series.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view


def _rules(work: Work, standing: Standing, bank_holidays: BankHolidayRule | None) -> PanelDefinition:
    """Return the panel's definition, with the rule for bank holidays that was chosen in the form."""
    if bank_holidays is None:
        return rules_of(work, standing.panel)
    definition = work.definition(standing.panel.definition)
    if bank_holidays == AS_THE_KIND:
        return definition
    return definition.model_copy(update={"bank_holidays": str(bank_holidays)})


def _dates(
    work: Work,
    standing: Standing,
    rule: Recurrence,
    starts_on: date | None,
    count: int | None,
    rules: PanelDefinition,
) -> tuple[SeriesView, Dates]:
    if count is not None and not 1 <= count <= MAX_COUNT:
        raise Mistake(f"A series has between 1 and {MAX_COUNT} meetings.", field="count")
    panel = standing.panel
    start = starts_on or today_at(work, panel)
    dates = dates_for(work, panel, rule, start=start, count=count, rules=rules)
    if not dates.new and not dates.already_there:
        raise Mistake("That rule gives no future date. Add a start date, or choose another rule.", field="rule")
    if not dates.new:
        raise Mistake(f"Every date of {rule.settled(start).describe()} is already in the diary.", field="rule")
    starts = tuple(one.starts_at for one in dates.new)
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    both = sorted((*dates.new, *dates.already_there), key=lambda one: one.starts_at)
    view = SeriesView(
        panel_key=panel.key,
        panel_title=panel.title,
        rule=rule.settled(start).describe(),
        dates=starts,
        moved=tuple((one.rule_on, one.starts_at, one.moved) for one in both if one.moved),
        already_there=tuple(one.starts_at for one in dates.already_there),
        goes_on=is_open_ended(rule, count),
        clashes=clashes_at(work, standing, starts, lasts=lasts, venue=panel.venue),
        remarks=remarks_on(work, standing, starts[0].replace(tzinfo=None)),
        beside=tuple(words_of(rule) for rule in rules_in_force(work, standing.panel_id)),
    )
    return view, dates


def _find_short(work: Work) -> list[tuple[int, int]]:
    """Return the panel and series ids of each open-ended series that has fewer than twelve coming meetings.

    A series that can't be filled is logged at each tick, and the others are filled all the same.
    """
    found = []
    for series, panel, new in _looked_over(work):
        if isinstance(new, Mistake):
            log.error("series %s of %s cannot be filled: %s", series.id, panel.key, new)
        elif new:
            found.append((id_of(panel), id_of(series)))
    return found


def _fill(work: Work, piece: tuple[int, int]) -> int:
    """Fill up one series to twelve coming meetings. Return how many meetings were added.

    Each day of the rule is filled once: no new meeting is made for a day whose meeting was moved or cancelled.
    """
    panel_id, series_id = piece
    lock_diary(work, panel_id)
    added = 0
    for series, panel, new in _looked_over(work, col(Series.id) == series_id):
        if isinstance(new, Mistake) or not new:  # changed meanwhile; the next tick sees its present state
            continue
        fill_series(work, panel, series, new)
        work.audit("fill", "series", series.id, panel_id=series.panel_id)
        added += len(new)
    return added


def unfilled(work: Work) -> list[str]:
    """Return a sentence for each open-ended series that can't get further meetings. No meetings are added."""
    return [
        f"The diary of {panel.title} is not filled any further (series {series.id}): {new}"
        for series, panel, new in _looked_over(work)
        if isinstance(new, Mistake)
    ]


def _looked_over(
    work: Work, *conditions: ColumnElement[bool]
) -> list[tuple[Series, Panel, list[Occurrence] | Mistake]]:
    """Return the open-ended series that are short of meetings, each with the meetings to add or the error in its rule.

    This takes three SQL statements for any number of series.
    """
    rows = _short_of_meetings(work, *conditions)
    if not rows:
        return []
    filled: dict[int, set[date | None]] = {id_of(series): set() for series, _ in rows}
    there = dict.fromkeys(filled, 0)
    for series_id, rule_on, starts_at, state in work.execute(
        tables_select(_MEETING.c.series_id, _MEETING.c.rule_on, _MEETING.c.starts_at, _MEETING.c.state).where(
            _MEETING.c.series_id.in_(filled),
            # A day of the rule is moved by bank holidays at most.
            or_(_MEETING.c.rule_on > (work.now - _LONG_AGO).date(), _MEETING.c.starts_at > work.now),
        )
    ):
        filled[series_id].add(rule_on)
        there[series_id] += state is MeetingState.SCHEDULED and starts_at > work.now
    diaries: dict[int, list[tuple[datetime, datetime]]] = {id_of(panel): [] for _, panel in rows}
    for panel_id, starts_at, ends_at in work.execute(
        tables_select(_MEETING.c.panel_id, _MEETING.c.starts_at, _MEETING.c.ends_at).where(
            _MEETING.c.panel_id.in_(diaries), _MEETING.c.state != MeetingState.CANCELLED, _MEETING.c.ends_at > work.now
        )
    ):
        diaries[panel_id].append((starts_at, ends_at))
    return [
        (series, panel, _missing(work, series, panel, filled[number], there[number], diaries[id_of(panel)]))
        for series, panel in rows
        for number in (id_of(series),)
    ]


def _short_of_meetings(work: Work, *conditions: ColumnElement[bool]) -> Sequence[tuple[Series, Panel]]:
    """Return the open-ended series with fewer than twelve coming meetings."""
    coming = (
        select(func.count())
        .select_from(Meeting)
        .where(
            col(Meeting.series_id) == col(Series.id),
            col(Meeting.state) == MeetingState.SCHEDULED,
            col(Meeting.starts_at) > work.now,
        )
        .scalar_subquery()
    )
    return work.session.exec(
        select(Series, Panel)
        .join(Panel, col(Panel.id) == col(Series.panel_id))
        .where(
            is_running(work), col(Series.ended_at).is_(None), col(Series.count).is_(None), coming < AHEAD, *conditions
        )
        .order_by(col(Series.id))
    ).all()


def _missing(
    work: Work,
    series: Series,
    panel: Panel,
    filled: Collection[date | None],
    there: int,
    diary: Collection[tuple[datetime, datetime]],
) -> list[Occurrence] | Mistake:
    """Return the meetings that an open-ended series lacks, or the error if its rule can't be read or gives no dates.

    `filled` are the days of the rule for which a meeting was already made. `there` is the number of coming meetings.
    `diary` has the times at which the panel meets.
    """
    try:
        rule = parse_rule(series.rule)
        if not is_open_ended(rule, series.count):
            return []
        today = today_at(work, panel)
        used = sum(rule_on is not None and rule_on >= today for rule_on in filled)
        many, rules = used + 2 * AHEAD, rules_of(work, panel)
        given = occurrences(rule, start=today, count=many, definition=rules, nearest_hour=True)
    except Mistake as why:
        return why
    ahead = [one for one in given if one.rule_on not in filled and one.starts_at > work.now]
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    taken = taken_among(ahead, lasts, diary)
    # A date on which the panel meets anyway counts as filled. So two series with one rule don't fill the diary twice as
    # far.
    return [one for one in ahead[: max(AHEAD - there, 0)] if one.starts_at.astimezone(UTC) not in taken]


#: The tick's work on diaries: it fills them.
DIARIES = Sweep(_find_short, _fill)
