"""Series in the diary: their dates put in at once, an open end kept filled, and where they meet."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, func, insert, or_
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.language.rhythm_rule import Recurrence, YearDay
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.panel_definition import PanelDefinition
from bot.domain.recurrence import Occurrence, anchored, occurrences
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.panels import Panel, Series
from bot.models.vocabulary import MeetingState
from bot.records.access.clocks import rules_of, today_at
from bot.records.access.queries import is_running
from bot.records.diary.queries import AHEAD, is_open_ended, lock_diary, meetings_after, meetings_of
from bot.store.rows import execute_rows, id_of, table_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

log = logging.getLogger(__name__)

_LONG_AGO: Final = timedelta(days=60)  # before that no day of a rule is asked about

_MEETING = table_of(Meeting)
_INSERT = insert(_MEETING)


@dataclass(frozen=True, slots=True)
class Dates:
    """What a rule gives a panel: the meetings that are new, and those whose time the panel meets at already."""

    new: tuple[Occurrence, ...]
    already_there: tuple[Occurrence, ...]


def dates_for(
    work: Work,
    panel: Panel,
    rule: Recurrence,
    *,
    start: date,
    count: int | None,
    rules: PanelDefinition | None = None,
) -> Dates:
    """The coming dates of a rule; of an open-ended one the next twelve. Raises Mistake as `occurrences` does.

    `rules` are the panel's own unless given.
    """
    rules = rules or rules_of(work, panel)
    wanted = AHEAD if is_open_ended(rule, count) else count
    given = occurrences(rule, start=start, count=wanted, definition=rules)
    coming = [one for one in given if one.starts_at > work.now]
    today = today_at(work, panel)
    if len(coming) < len(given) and (is_open_ended(rule, count) or start >= today):
        # As many as were asked for are still to come, in the rhythm that began already.
        rhythm = replace(anchored(rule, given), times=None)
        many = None if wanted is None and rule.times is None else min(filter(None, (wanted, rule.times))) + 1
        later = occurrences(rhythm, start=today, count=many, definition=rules)
        coming = [one for one in later if one.starts_at > work.now][: None if many is None else many - 1]
    taken = _times_taken(work, panel, coming)
    return Dates(
        new=tuple(one for one in coming if one.starts_at.astimezone(UTC) not in taken),
        already_there=tuple(one for one in coming if one.starts_at.astimezone(UTC) in taken),
    )


def begin_series(
    work: Work,
    panel: Panel,
    rule: Recurrence,
    given: Sequence[Occurrence],
    *,
    starts_on: date,
    count: int | None,
    created_by_id: int | None = None,
) -> Series:
    """A new series of the panel with these meetings."""
    series = Series(
        panel_id=id_of(panel),
        rule=(anchored(rule, given) if given else rule).describe(),
        starts_on=starts_on,
        count=count if count is not None else rule.times,
        created_by_id=created_by_id,
        created_at=work.now,
    )
    work.session.add(series)
    work.session.flush()
    add_meetings(work, panel, series, given)
    return series


def add_meetings(work: Work, panel: Panel, series: Series, given: Sequence[Occurrence]) -> None:
    """Add meetings to a series, all in one statement."""
    if not given:
        return
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    work.session.flush()
    execute_rows(
        work.session.connection(),
        _INSERT,
        [
            {
                "panel_id": id_of(panel),
                "series_id": id_of(series),
                "rule_on": one.rule_on,
                "starts_at": one.starts_at.astimezone(UTC),
                "ends_at": one.starts_at.astimezone(UTC) + lasts,
                "venue": panel.venue,
                "state": MeetingState.SCHEDULED,
                "uid": uuid4().hex,
                "sequence": 0,
                "is_interim": False,
                "agenda_version": 0,
            }
            for one in given
        ],
    )


def _find_short(work: Work) -> list[tuple[int, int]]:
    """Find the series, each with its panel, that go on and have fewer than twelve meetings to come.

    A series that cannot be filled is told to the log, each time, and keeps no other from being filled.
    """
    found = []
    for series, panel, new in _looked_over(work):
        if isinstance(new, Mistake):
            log.error("series %s of %s cannot be filled: %s", series.id, panel.key, new)
        elif new:
            found.append((id_of(panel), id_of(series)))
    return found


def _fill(work: Work, piece: tuple[int, int]) -> int:
    """Give one series twelve coming meetings. Return how many were added.

    A day of the rule is filled once: a meeting that was moved or cancelled keeps its day, and is not made again.
    """
    panel_id, series_id = piece
    lock_diary(work, panel_id)
    added = 0
    for series, panel, new in _looked_over(work, col(Series.id) == series_id):
        if isinstance(new, Mistake) or not new:  # changed meanwhile: the next look says so
            continue
        add_meetings(work, panel, series, new)
        work.audit("fill", "series", series.id, panel_id=series.panel_id)
        added += len(new)
    return added


def unfilled(work: Work) -> list[str]:
    """A sentence for each open-ended series that gets no further meetings; nothing is filled."""
    return [
        f"The diary of {panel.title} is not filled any further (series {series.id}): {new}"
        for series, panel, new in _looked_over(work)
        if isinstance(new, Mistake)
    ]


def end_before(series: Series, day: date) -> None:
    """Let a series stop before a day; it stays the panel's series, so that a county file does not begin it anew."""
    rule = parse_rule(series.rule)
    last = day - timedelta(days=1)
    series.rule = replace(rule, ends=YearDay(last.month, last.day, last.year)).describe()


def _looked_over(
    work: Work, *conditions: ColumnElement[bool]
) -> list[tuple[Series, Panel, list[Occurrence] | Mistake]]:
    """Return each open-ended series that is short of meetings, with those it lacks, or why they cannot be found.

    Three questions, however many series there are.
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
    """Series that may go on and have fewer than twelve meetings to come."""
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
    """Return the meetings that the series lacks, or what is wrong with a rule without dates or one past reading.

    `filled` are the days of the rule that it has met or will, `there` how many of its meetings are to come, `diary`
    when the panel meets.
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
    taken = _among(work, panel, ahead, diary)
    # A date at which the panel meets anyway counts as filled: two series of one rule do not reach twice as far.
    return [one for one in ahead[: max(AHEAD - there, 0)] if one.starts_at.astimezone(UTC) not in taken]


def _times_taken(work: Work, panel: Panel, given: Collection[Occurrence]) -> set[datetime]:
    """Of these dates the times at which the panel meets already, be it in part."""
    wanted = {one.starts_at.astimezone(UTC) for one in given}
    if not wanted:
        return set()
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    there = work.session.execute(
        select(col(Meeting.starts_at), col(Meeting.ends_at)).where(
            col(Meeting.panel_id) == id_of(panel),
            col(Meeting.state) != MeetingState.CANCELLED,
            col(Meeting.ends_at) > min(wanted),
            col(Meeting.starts_at) < max(wanted) + lasts,
        )
    ).all()
    return _among(work, panel, given, [(starts, ends) for starts, ends in there])


def _among(
    work: Work, panel: Panel, given: Collection[Occurrence], diary: Collection[tuple[datetime, datetime]]
) -> set[datetime]:
    """Of these dates the times at which a panel with this diary meets, be it in part."""
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    wanted = {one.starts_at.astimezone(UTC) for one in given}
    return {begin for begin in wanted if any(starts < begin + lasts and begin < ends for starts, ends in diary)}


#: The filling of diaries, as the tick asks for it.
DIARIES = Sweep(_find_short, _fill)


def meetings_from(work: Work, first: Meeting) -> list[Meeting]:
    """A coming meeting and those of its panel that follow, soonest first."""
    return [
        one
        for one in meetings_of(work, first.panel_id)
        if one.state is MeetingState.SCHEDULED and one.starts_at >= first.starts_at
    ]


def coming_at(work: Work, panel_id: int, venue: str) -> list[Meeting]:
    """The coming meetings of a panel that are to be held there, soonest first."""
    return [one for one in meetings_after(work, panel_id, work.now) if one.venue == venue]


def hold_at(work: Work, meetings: Sequence[Meeting], venue: str, *, by_id: int | None) -> None:
    """Hold meetings somewhere else; calendars that have them follow."""
    for meeting in meetings:
        meeting.venue = venue
        meeting.sequence += 1
        work.session.add(meeting)
        work.audit("venue", "meeting", meeting.id, panel_id=meeting.panel_id, actor_id=by_id)
    work.session.flush()
