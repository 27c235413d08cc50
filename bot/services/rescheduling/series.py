"""A series under a new rule, or ended: what becomes of each coming meeting, shown before it is saved."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlmodel import col, select

from bot.domain.language.identifiers import accept_reason
from bot.domain.language.rhythm_rule import Recurrence
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.permissions import Actor, Verb
from bot.domain.rearrangement import Rearrangement, Slot, has_same_rhythm, rearrange
from bot.domain.recurrence import Occurrence, anchored
from bot.errors import Mistake, NotForYou
from bot.models.meetings import Meeting
from bot.models.panels import Series
from bot.models.vocabulary import MeetingState, Notice
from bot.records.access.clocks import local_time, rules_of, today_at
from bot.records.access.queries import Standing, Where, find_panel, require, require_meeting
from bot.records.diary.changes import add_meetings, begin_series, end_before
from bot.records.diary.clashes import clashes_at
from bot.records.diary.queries import is_open_ended, lock_diary
from bot.records.rescheduling.changes import cancel, move, tell_of_many
from bot.records.rescheduling.queries import (
    LAST_MEETING,
    DateChange,
    SeriesChange,
    SeriesChoice,
    by_date,
    cancelled_date,
    cases_seen,
    choice_of,
    coming_of,
    dates_free,
    dates_wanted,
    falls_on_kept,
    heirs_of,
    in_order,
    in_phase,
    keeps_its_date,
    meetings_kept,
    remarks_of,
    starts_from,
    stays_because,
    words_of,
)
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class _Plan:
    standing: Standing
    series: Series
    rule: Recurrence
    start: date
    count: int | None
    meetings: dict[int, Meeting]
    dates: list[Occurrence]
    new: Rearrangement
    heirs: dict[int, Meeting | None]  #: who takes the cases of a meeting that is cancelled
    view: SeriesChange


def series_to_change(work: Work, actor: Actor, where: Where) -> tuple[SeriesChoice, ...]:
    """The panel's series that have coming meetings. Raises Mistake when there are none."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    found = []
    for series in work.session.exec(
        select(Series).where(col(Series.panel_id) == standing.panel_id).order_by(col(Series.id))
    ).all():
        coming = [one for one in coming_of(work, series, None) if one.state is MeetingState.SCHEDULED]
        if coming:
            found.append(choice_of(work, standing, series, coming))
    if not found:
        raise Mistake(f"{standing.panel.title} has no series with meetings to come. `/panel create` begins one.")
    return tuple(sorted(found, key=lambda one: one.next_at))


def series_of_meeting(work: Work, actor: Actor, meeting_id: int) -> SeriesChoice:
    """The series of a coming meeting. Raises Mistake when the meeting stands alone."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SCHEDULE)
    if meeting.series_id is None:
        raise Mistake("That meeting belongs to no series; choose “this meeting only”.", field="scope")
    series = work.session.get_one(Series, meeting.series_id)
    return choice_of(work, standing, series, [meeting])


def preview_change(work: Work, actor: Actor, series_id: int, *, rule: str, since: int | None = None) -> SeriesChange:
    """What a new rule would do to a series, from one of its meetings on where `since` names it; nothing is saved."""
    return _plan(work, actor, series_id, rule, since).view


def change_series(
    work: Work, actor: Actor, series_id: int, *, rule: str, reason: str, since: int | None = None
) -> SeriesChange:
    """Put a series under a new rule. The k-th coming meeting goes to the k-th new date with all that hangs on it.

    Members are told once. Raises Mistake where something cannot be saved like this; the preview says what.
    """
    reason = accept_reason(reason)
    _lock(work, actor, series_id)
    plan = _plan(work, actor, series_id, rule, since)
    if plan.view.cannot:
        raise Mistake(plan.view.cannot[0], field="reason")
    panel, session = plan.standing.panel, work.session
    told: list[tuple[Meeting, Notice, datetime | None]] = []
    for number in plan.new.surplus:
        told.append(
            (_cancel(work, plan.standing, plan.meetings[number], plan.heirs[number], reason), Notice.CANCELLED, None)
        )
    plan.series.ended_at = work.now
    session.add(plan.series)
    series = begin_series(
        work,
        panel,
        anchored(plan.rule, plan.dates),
        (),
        starts_on=plan.start,
        count=plan.count,
        created_by_id=actor.person_id,
    )
    for number, one in plan.new.kept:
        plan.meetings[number].series_id, plan.meetings[number].rule_on = id_of(series), one.rule_on
        session.add(plan.meetings[number])
    for meeting, one in in_order([(plan.meetings[number], one) for number, one in plan.new.moved]):
        before = meeting.starts_at
        meeting.series_id, meeting.rule_on = id_of(series), one.rule_on
        session.add(meeting)
        if one.starts_at.astimezone(UTC) == before:
            continue
        meeting.reason = work.seal(panel.data_key_id, reason)
        move(work, panel, meeting, one.starts_at.astimezone(UTC))
        work.audit("reschedule", "meeting", meeting.id, panel_id=plan.standing.panel_id, actor_id=actor.person_id)
        told.append((meeting, Notice.MOVED, before))
    add_meetings(work, panel, series, plan.new.added)
    work.audit("change", "series", series.id, panel_id=plan.standing.panel_id, actor_id=actor.person_id)
    told.sort(key=lambda one: one[2] or one[0].starts_at)
    key, number = f"series-changed:{series.id}", id_of(series)
    tell_of_many(work, plan.standing.panel_id, key, told, besides=actor.person_id, series_id=number)
    return replace(plan.view, series_id=id_of(series))


def preview_end(work: Work, actor: Actor, series_id: int, *, since: int | None = None) -> SeriesChange:
    """What cancelling the coming meetings of a series would do, from one of them on; nothing is saved."""
    return _ending(work, actor, series_id, since)[0]


def end_series(work: Work, actor: Actor, series_id: int, *, reason: str, since: int | None = None) -> SeriesChange:
    """Cancel the coming meetings of a series, from one of them on, and fill it no further; members are told once."""
    reason = accept_reason(reason)
    _lock(work, actor, series_id)
    view, standing, series, ends = _ending(work, actor, series_id, since)
    if view.cannot:
        raise Mistake(view.cannot[0], field="reason")
    told: list[tuple[Meeting, Notice, datetime | None]] = []
    for meeting, heir in ends:
        told.append((_cancel(work, standing, meeting, heir, reason), Notice.CANCELLED, None))
    first = ends[0][0]
    day = local_time(work, standing.panel, first.starts_at).date()
    end_before(series, min(day, first.rule_on or day))
    work.session.add(series)
    work.audit("end", "series", series.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    key = f"series-ended:{series.id}:{first.id}.{first.sequence}"
    tell_of_many(work, standing.panel_id, key, told, besides=actor.person_id)
    return view


def _plan(work: Work, actor: Actor, series_id: int, words: str, since: int | None) -> _Plan:
    standing, series, first = _found(work, actor, series_id, since)
    panel, today = standing.panel, today_at(work, standing.panel)
    rule, rule_before = parse_rule(words), parse_rule(series.rule)
    coming = coming_of(work, series, first)
    same = has_same_rhythm(rule_before, rule)
    slots = [
        Slot(id_of(meeting), meeting.starts_at, stays=keeps_its_date(meeting))
        for meeting in coming
        if same or not keeps_its_date(meeting)
    ]
    if not any(not slot.stays for slot in slots):
        raise Mistake("No coming meeting of that series can be moved.", field="rule")
    meetings = {id_of(meeting): meeting for meeting in coming}
    count = dates_wanted(series, rule, len(slots))
    first_moved = meetings[slots[0].meeting_id]
    start = starts_from(work, standing, series, first_moved, rule, today, same=same)
    if same and first_moved.rule_on is not None:
        counting = in_phase(rule, first_moved.rule_on, rules_of(work, panel))
    else:
        counting = rule
    dates = dates_free(work, standing, counting, start, count, {slot.meeting_id for slot in slots})
    if not dates:
        raise Mistake("That gives no date in the future. Say from when, or another rule.", field="rule")
    new = rearrange(slots, dates)
    gone = [meetings[number] for number in new.surplus]
    heirs = heirs_of(work, standing.panel_id, gone, dict(new.moved))
    seen = cases_seen(work, standing, list(meetings))
    changes = [
        DateChange(
            before=local_time(work, panel, meetings[number].starts_at),
            after=one.starts_at,
            cases=seen[number],
            cases_to=None,
            remarks=remarks_of(work, standing, one),
        )
        for number, one in new.moved
    ]
    changes += [
        cancelled_date(work, standing, meeting, heirs[id_of(meeting)], seen[id_of(meeting)], new) for meeting in gone
    ]
    changes += [DateChange(None, one.starts_at, 0, None, remarks_of(work, standing, one)) for one in new.added]
    if not any(change.is_change for change in changes):
        raise Mistake("That changes nothing: the meetings are at these times already.", field="rule")
    after = [change.after for change in changes if change.after is not None and change.is_change]
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    # What stays, and what is at its new time already, is in the way as any other meeting.
    leaving = [*new.surplus, *(number for number, one in new.moved if one.starts_at != meetings[number].starts_at)]
    view = SeriesChange(
        panel_key=panel.key,
        panel_title=panel.title,
        series_id=id_of(series),
        rule_before=words_of(rule_before),
        rule_after=rule.settled(start).describe(),
        dates=tuple(sorted(changes, key=by_date)),
        stays=tuple(stays_because(work, standing, meeting) for meeting in coming if keeps_its_date(meeting)),
        cannot=(*_nobody_takes(heirs), *falls_on_kept(work, standing, coming, after, lasts)),
        clashes=clashes_at(work, standing, after, lasts=lasts, venue=panel.venue, besides=leaving),
        goes_on=is_open_ended(rule, series.count),
    )
    return _Plan(standing, series, rule, start, meetings_kept(series, rule, count), meetings, dates, new, heirs, view)


def _ending(
    work: Work, actor: Actor, series_id: int, since: int | None
) -> tuple[SeriesChange, Standing, Series, list[tuple[Meeting, Meeting | None]]]:
    standing, series, first = _found(work, actor, series_id, since)
    gone = [meeting for meeting in coming_of(work, series, first) if meeting.state is MeetingState.SCHEDULED]
    if not gone:
        raise Mistake("That series has no meeting to come.")
    heirs = heirs_of(work, standing.panel_id, gone)
    seen = cases_seen(work, standing, [id_of(meeting) for meeting in gone])
    view = SeriesChange(
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        series_id=series_id,
        rule_before=words_of(parse_rule(series.rule)),
        rule_after="",
        dates=tuple(
            cancelled_date(work, standing, meeting, heirs[id_of(meeting)], seen[id_of(meeting)], None)
            for meeting in gone
        ),
        stays=(),
        cannot=_nobody_takes(heirs),
        clashes=(),
        goes_on=False,
    )
    return view, standing, series, [(meeting, heirs[id_of(meeting)]) for meeting in gone]


def _nobody_takes(heirs: dict[int, Meeting | None]) -> tuple[str, ...]:
    """Whether anything is flagged or not, so that nobody learns of a case that they do not see."""
    return (LAST_MEETING,) if None in heirs.values() else ()


def _lock(work: Work, actor: Actor, series_id: int) -> None:
    standing, _, _ = _found(work, actor, series_id, None)
    lock_diary(work, standing.panel_id)


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


def _cancel(work: Work, standing: Standing, meeting: Meeting, heir: Meeting | None, reason: str) -> Meeting:
    meeting.reason = work.seal(standing.panel.data_key_id, reason)
    cancel(work, meeting, heir)
    work.audit("cancel", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=standing.actor.person_id)
    return meeting
