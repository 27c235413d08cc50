"""Changing the rule of a series, or ending the series. What happens to each meeting is shown before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlmodel import col, select

from bot.domain.deadlines import ONE_DAY
from bot.domain.language.day_words import YearDay, full_date
from bot.domain.language.identifiers import accept_reason
from bot.domain.language.rhythm_rule import Recurrence
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.permissions import Actor, Verb
from bot.domain.recurrence import (
    Occurrence,
    Rearrangement,
    Slot,
    anchored,
    has_same_rhythm,
    in_phase,
    occurrences,
    period_of,
    rearrange,
    taken_among,
    words_of,
)
from bot.errors import Mistake, NotForYou
from bot.models.meetings import Meeting
from bot.models.panels import Series
from bot.models.vocabulary import MeetingChange, MeetingState
from bot.records.access.queries import (
    Standing,
    Where,
    find_panel,
    local_time,
    require,
    require_meeting,
    rules_of,
    today_at,
)
from bot.records.diary.queries import (
    AHEAD,
    Clash,
    MeetingView,
    clashes_at,
    lock_diary,
    meetings_after,
    meetings_of,
    remarks_on,
    view_meetings,
)
from bot.records.rescheduling.changes import begin_series, cancel, fill_series, move, takers_of, tell_of_many
from bot.records.rescheduling.queries import LAST_MEETING
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_SPARE: Final = 12  # more dates than needed, since some may be taken
_Told = tuple[Meeting, MeetingChange, datetime | None]


@dataclass(frozen=True, slots=True)
class SeriesChoice:
    """A series with coming meetings, as a choice in a list."""

    id: int
    rule: str  #: in words, without the day on which it began
    next_at: datetime


@dataclass(frozen=True, slots=True)
class DateChange:
    """One meeting of a series before and after a change of the rule.

    A new meeting has no `before`, a cancelled one has no `after`.
    """

    before: datetime | None
    after: datetime | None
    cases: int  #: cases that move with the meeting or to another, as far as the reader may see them
    cases_to: datetime | None  #: where the cases of a cancelled meeting go
    remarks: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Return whether the meeting's time changes."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What a change of a series would do, or has done, to each of its meetings."""

    panel_title: str
    rule_before: str
    rule_after: str  #: empty when the series ends
    dates: tuple[DateChange, ...]
    cannot: tuple[str, ...]  #: why it cannot be saved like this
    stays: tuple[str, ...] = ()  #: what the change leaves where it is, and why
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    standing: Standing
    series: Series
    meetings: dict[int, Meeting]
    takers: dict[int, Meeting | None]  #: by id of a cancelled meeting, the meeting that takes its cases
    view: SeriesChange
    new: Rearrangement  #: empty where the series ends
    rule: Recurrence  #: the new one, counting from the first of its dates
    start: date
    count: int | None


def series_to_change(work: Work, actor: Actor, where: Where) -> tuple[SeriesChoice, ...]:
    """Return the panel's series with coming meetings. Raise Mistake if there are none."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    found: dict[int, SeriesChoice] = {}
    for meeting in meetings_after(work, standing.panel_id, work.now):
        if meeting.series_id is not None and meeting.series_id not in found:
            series = work.session.get_one(Series, meeting.series_id)
            found[meeting.series_id] = _choice_of(work, standing, series, meeting)
    if not found:
        raise Mistake(
            f"{standing.panel.title} has no series of meetings in the diary. To start a series: `/panel create`."
        )
    return tuple(found.values())


def series_of_meeting(work: Work, actor: Actor, meeting_id: int) -> SeriesChoice:
    """Return the series of a coming meeting. Raise Mistake if the meeting belongs to none."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SCHEDULE)
    if meeting.series_id is None:
        raise Mistake("That meeting belongs to no series, so choose “this meeting only”.", field="scope")
    series = work.session.get_one(Series, meeting.series_id)
    return _choice_of(work, standing, series, meeting)


def preview_change(work: Work, actor: Actor, series_id: int, *, rule: str, since: int | None = None) -> SeriesChange:
    """Return what a new rule would do to a series. Nothing is saved.

    With `since`, only this meeting of the series and later ones would change.
    """
    return _plan_change(work, actor, series_id, rule, since).view


def change_series(
    work: Work, actor: Actor, series_id: int, *, rule: str, reason: str, since: int | None = None
) -> SeriesChange:
    """Give a series a new rule. Members are told once.

    The first coming meeting takes the first new date, the second meeting the second date, and so on. Each meeting keeps
    its flags, returns and answers. With `since`, only this meeting and later ones change. Raise Mistake if the change
    can't be saved, for the reason that `preview_change` shows.
    """
    reason = accept_reason(reason, today=work.now.date())
    _lock(work, actor, series_id)
    plan = _plan_change(work, actor, series_id, rule, since)
    standing, panel = plan.standing, plan.standing.panel
    told = _cancel_all(work, plan, reason)
    plan.series.ended_at = work.now
    series = begin_series(
        work, panel, plan.rule, (), starts_on=plan.start, count=plan.count, created_by_id=actor.person_id
    )
    for number, one in (*plan.new.kept, *plan.new.moved):
        plan.meetings[number].series_id, plan.meetings[number].rule_on = id_of(series), one.rule_on
    for meeting, begins in _in_order([(plan.meetings[number], one) for number, one in plan.new.moved]):
        if begins != (before := meeting.starts_at):
            move(work, standing, meeting, begins, reason)
            told.append((meeting, MeetingChange.MOVED, before))
    fill_series(work, panel, series, plan.new.added)
    work.audit("change", "series", series.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    told.sort(key=lambda one: one[2] or one[0].starts_at)
    key = f"series-changed:{series.id}"
    tell_of_many(work, standing.panel_id, key, told, except_for=actor.person_id, series_id=series.id)
    return plan.view


def preview_end(work: Work, actor: Actor, series_id: int, *, since: int | None = None) -> SeriesChange:
    """Return what ending a series would do. Nothing is saved.

    With `since`, the series would end before this meeting.
    """
    return _plan_end(work, actor, series_id, since).view


def end_series(work: Work, actor: Actor, series_id: int, *, reason: str, since: int | None = None) -> SeriesChange:
    """End a series: cancel its coming meetings, and stop filling it. Members are told once.

    With `since`, only this meeting and later ones are cancelled.
    """
    reason = accept_reason(reason, today=work.now.date())
    _lock(work, actor, series_id)
    plan = _plan_end(work, actor, series_id, since)
    told, standing, series = _cancel_all(work, plan, reason), plan.standing, plan.series
    # The series stays in the database, so that a county file does not begin it again.
    series.rule = replace(plan.rule, ends=YearDay.of_date(plan.start - ONE_DAY)).describe()
    work.audit("end", "series", series.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    first = told[0][0]
    key = f"series-ended:{series.id}:{first.id}.{first.sequence}"
    tell_of_many(work, standing.panel_id, key, told, except_for=actor.person_id)
    return plan.view


def _lock(work: Work, actor: Actor, series_id: int) -> None:
    standing, _, _ = _found(work, actor, series_id, None)
    lock_diary(work, standing.panel_id)


def _cancel_all(work: Work, plan: _Plan, reason: str) -> list[_Told]:
    """Cancel the meetings that the plan says to cancel. Raise Mistake if the plan can't be carried out."""
    if plan.view.cannot:
        raise Mistake(plan.view.cannot[0], field="reason")
    for number, taker in plan.takers.items():
        cancel(work, plan.meetings[number], taker, by=plan.standing, reason=reason)
    return [(plan.meetings[number], MeetingChange.CANCELLED, None) for number in plan.takers]


def _found(work: Work, actor: Actor, series_id: int, since: int | None) -> tuple[Standing, Series, Meeting | None]:
    series = work.session.get(Series, series_id)
    if series is None:
        raise NotForYou("that series")
    standing = require(work, actor, series.panel_id, Verb.SCHEDULE, noun="that series")
    if since is None:
        return standing, series, None
    _, meeting = require_meeting(work, actor, since, Verb.SCHEDULE)
    if meeting.series_id != series_id:
        raise Mistake("That meeting is no longer in this series. Please begin again.")
    return standing, series, meeting


def _plan_change(work: Work, actor: Actor, series_id: int, words: str, since: int | None) -> _Plan:
    standing, series, first = _found(work, actor, series_id, since)
    panel = standing.panel
    rule, rule_before = parse_rule(words), parse_rule(series.rule)
    coming = _coming_of(work, series, first)
    same = has_same_rhythm(rule_before, rule)
    slots = [
        Slot(id_of(meeting), meeting.starts_at, stays=_keeps_its_date(meeting))
        for meeting in coming
        if same or not _keeps_its_date(meeting)
    ]
    if not any(not slot.stays for slot in slots):
        raise Mistake("No coming meeting of that series can be moved.", field="rule")
    meetings = {id_of(meeting): meeting for meeting in coming}
    # None if the rule gives its own end.
    count = None
    if rule.ends is None and rule.times is None:
        count = len(slots) if series.count is not None else max(len(slots), AHEAD)
    first_moved = meetings[slots[0].meeting_id]
    start = _starts_from(work, standing, series, first_moved, rule, same=same)
    counting = rule
    if same and first_moved.rule_on is not None:
        counting = in_phase(rule, first_moved.rule_on, rules_of(work, panel))
    dates = _dates_free(work, standing, counting, start, count, {slot.meeting_id for slot in slots})
    if not dates:
        raise Mistake("That rule gives no future date. Add a start date, or choose another rule.", field="rule")
    new = rearrange(slots, dates)
    gone = [meetings[number] for number in new.surplus]
    takers = takers_of(work, standing.panel_id, gone, dict(new.moved))
    views = _views(work, standing, coming)
    changes = [
        *(
            DateChange(views[number].starts_at, one.starts_at, views[number].cases, None, _remarks(work, standing, one))
            for number, one in new.moved
        ),
        *_cancelled(work, standing, takers, views, new),
        *(DateChange(None, one.starts_at, 0, None, _remarks(work, standing, one)) for one in new.added),
    ]
    if not any(change.is_change for change in changes):
        raise Mistake("The meetings are at these times already, so nothing would change.", field="rule")
    after = [change.after for change in changes if change.after is not None and change.is_change]
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    # Meetings that keep their date, or are at their new time already, block other dates like any other meeting.
    leaving = [*new.surplus, *(number for number, one in new.moved if one.starts_at != meetings[number].starts_at)]
    kept = [views[id_of(one)] for one in coming if _keeps_its_date(one)]
    view = SeriesChange(
        panel_title=panel.title,
        rule_before=words_of(rule_before),
        rule_after=rule.settled(start).describe(),
        dates=tuple(sorted(changes, key=_by_date)),
        stays=tuple(_stays_because(one) for one in kept),
        cannot=(*_nobody_takes(takers), *_falls_on_kept(kept, after, lasts)),
        clashes=clashes_at(work, standing, after, lasts=lasts, venue=panel.venue, except_for=leaving),
    )
    kept_count = count if series.count is not None and rule.ends is None else None
    return _Plan(standing, series, meetings, takers, view, new, anchored(rule, dates), start, kept_count)


def _plan_end(work: Work, actor: Actor, series_id: int, since: int | None) -> _Plan:
    """Return the plan for ending a series. From the plan's `start` on, the series has no meetings."""
    standing, series, first = _found(work, actor, series_id, since)
    gone = [meeting for meeting in _coming_of(work, series, first) if meeting.state is MeetingState.SCHEDULED]
    if not gone:
        raise Mistake("That series has no meeting to come.")
    takers = takers_of(work, standing.panel_id, gone)
    new, rule = Rearrangement((), (), (), ()), parse_rule(series.rule)
    views = _views(work, standing, gone)
    view = SeriesChange(
        panel_title=standing.panel.title,
        rule_before=words_of(rule),
        rule_after="",
        dates=tuple(_cancelled(work, standing, takers, views, new)),
        cannot=_nobody_takes(takers),
    )
    day = views[id_of(gone[0])].starts_at.date()
    stops = min(day, gone[0].rule_on or day)
    meetings = {id_of(meeting): meeting for meeting in gone}
    return _Plan(standing, series, meetings, takers, view, new, rule, stops, None)


def _coming_of(work: Work, series: Series, first: Meeting | None) -> list[Meeting]:
    """Return the meetings of a series that have not begun, even cancelled ones, from the meeting `first` on."""
    query = select(Meeting).where(
        col(Meeting.series_id) == id_of(series),
        col(Meeting.state).in_([MeetingState.SCHEDULED, MeetingState.CANCELLED]),
        col(Meeting.starts_at) > work.now,
    )
    if first is not None:
        query = query.where(col(Meeting.starts_at) >= first.starts_at)
    return list(work.session.exec(query.order_by(col(Meeting.starts_at), col(Meeting.id))))


def _choice_of(work: Work, standing: Standing, series: Series, first: Meeting) -> SeriesChoice:
    """Return a series as a choice in a list. `first` is the first of its meetings that a change may affect."""
    rule = words_of(parse_rule(series.rule))
    return SeriesChoice(id_of(series), rule, local_time(work, standing.panel, first.starts_at))


def _views(work: Work, standing: Standing, meetings: Sequence[Meeting]) -> dict[int, MeetingView]:
    return {view.id: view for view in view_meetings(work, [(standing, meeting) for meeting in meetings])}


def _keeps_its_date(meeting: Meeting) -> bool:
    """Return whether a meeting keeps its date under a new rule: it was cancelled, or its agenda is published."""
    return meeting.state is MeetingState.CANCELLED or meeting.agenda_published_at is not None


def _starts_from(
    work: Work, standing: Standing, series: Series, first: Meeting, rule: Recurrence, *, same: bool
) -> date:
    """Return the first day on which the new rule may give a date. `first` is the first meeting that moves.

    This is the latest of three days: the start of the week or month of `first`, today, and the day after the meeting
    before `first`.
    """
    panel = standing.panel
    on = local_time(work, panel, first.starts_at).date()
    if same and first.rule_on is not None:
        on = first.rule_on  # if the meeting was moved by hand, the rule's own date counts
    before = work.session.exec(
        select(Meeting.starts_at)
        .where(
            col(Meeting.series_id) == id_of(series),
            col(Meeting.state) != MeetingState.CANCELLED,
            col(Meeting.starts_at) < first.starts_at,
        )
        .order_by(col(Meeting.starts_at).desc())
    ).first()
    earliest = [period_of(rule, on), today_at(work, panel)]
    if before is not None:
        earliest.append(local_time(work, panel, before).date() + ONE_DAY)
    return max(earliest)


def _dates_free(
    work: Work, standing: Standing, rule: Recurrence, start: date, count: int | None, moving: set[int]
) -> list[Occurrence]:
    """Return the rule's coming dates on which the panel has no other meeting."""
    panel = standing.panel
    wanted = None if count is None else count + _SPARE
    given = occurrences(rule, start=start, count=wanted, definition=rules_of(work, panel))
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    others = [(one.starts_at, one.ends_at) for one in meetings_of(work, standing.panel_id) if one.id not in moving]
    taken = taken_among(given, lasts, others)
    return [one for one in given if one.starts_at > work.now and one.starts_at.astimezone(UTC) not in taken][:count]


def _in_order(moves: list[tuple[Meeting, Occurrence]]) -> list[tuple[Meeting, datetime]]:
    """Return the moves in an order in which no two meetings ever have the same time.

    Meetings that move to a later time are moved from the last to the first, the others from the first to the last.
    """
    times = [(meeting, one.starts_at.astimezone(UTC)) for meeting, one in moves]
    later = [(meeting, begins) for meeting, begins in times if begins > meeting.starts_at]
    earlier = [(meeting, begins) for meeting, begins in times if begins <= meeting.starts_at]
    return [*reversed(later), *earlier]


def _cancelled(
    work: Work, standing: Standing, takers: dict[int, Meeting | None], views: dict[int, MeetingView], new: Rearrangement
) -> list[DateChange]:
    """Return each meeting that will be cancelled, and the meeting to which its cases go, as the reader may see it."""
    moved = dict(new.moved)
    changes = []
    for number, taker in takers.items():
        to = None
        if taker is not None and views[number].cases:
            taker_at = moved[id_of(taker)].starts_at if id_of(taker) in moved else taker.starts_at
            to = local_time(work, standing.panel, taker_at)
        changes.append(DateChange(views[number].starts_at, None, views[number].cases, to))
    return changes


def _by_date(change: DateChange) -> float:
    """Return the sort key of a change: the meeting's time before the change, or the new time of an added meeting."""
    at = change.before or change.after
    return at.timestamp() if at is not None else 0.0


def _remarks(work: Work, standing: Standing, one: Occurrence) -> tuple[str, ...]:
    """Return remarks on the date of a meeting: why it differs from the rule's own day, and what is unusual about it."""
    moved = (f"Instead of {full_date(one.rule_on)}: {one.moved}.",) if one.moved else ()
    return (*moved, *remarks_on(work, standing, one.starts_at.replace(tzinfo=None)))


def _stays_because(meeting: MeetingView) -> str:
    """Return the sentence that says why a meeting keeps its date under a new rule."""
    when = full_date(meeting.starts_at.date())
    if meeting.state is MeetingState.CANCELLED:
        return f"{when} stays cancelled, and no meeting is made in its place."
    return f"The agenda of {when} is published, so the meeting keeps its date. To move it alone: `/panel reschedule`."


def _nobody_takes(takers: dict[int, Meeting | None]) -> tuple[str, ...]:
    """Return a remark if the cases of a cancelled meeting have no other meeting to go to.

    The remark is made even if there are no cases, so that it does not reveal a case that is kept from the reader.
    """
    return (LAST_MEETING,) if None in takers.values() else ()


def _falls_on_kept(kept: list[MeetingView], after: list[datetime], lasts: timedelta) -> list[str]:
    """Return a sentence for each new date that falls on a meeting whose own date can't change."""
    return [
        f"{full_date(at.date())} falls on the meeting of {full_date(one.starts_at.date())}, whose agenda is published."
        for one in kept
        for at in after
        if one.state is MeetingState.SCHEDULED and one.starts_at < at + lasts and at < one.ends_at
    ]
